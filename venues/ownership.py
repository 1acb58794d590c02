"""What a vendor may use in its pages: its own images and documents, its own pages, and published venues and artists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page, ReferenceIndex

from venues.privacy import is_private

if TYPE_CHECKING:
    from venues.models import Vendor

SHARED_TYPES = ("venuepage", "artistpage")


def fenced_vendor(user: Any) -> Vendor | None:
    """The vendor whose fence `user` works behind in the admin. Staff who may do everything have none."""
    if user is None or not user.is_authenticated or user.is_superuser:
        return None
    vendor_model = apps.get_model("venues.Vendor")  # models import this module for their forms
    vendors = vendor_model.objects.filter(Q(memberships__user=user) | Q(group__user=user))
    return vendors.select_related("page", "collection", "group").first()


class Reference(NamedTuple):
    model: type[Model]
    id: str


def references_of(instance: Model) -> set[Reference]:
    """Images, documents and pages that `instance` refers to: in keys, blocks, rich text and children."""
    return {reference for reference, _field in _references(instance)}


def foreign_references(instances: Iterable[Model], *, vendor: Vendor, known: set[Reference]) -> list[str]:
    """The names of the fields in which `instances` refer to what `vendor` may not use and did not hold before."""
    fields: dict[Reference, set[str]] = defaultdict(set)
    for instance in instances:
        for reference, field in _references(instance):
            if reference not in known:
                fields[reference].add(field)
    wanted: dict[type[Model], set[str]] = defaultdict(set)
    for reference in fields:
        wanted[reference.model].add(reference.id)
    usable = {
        Reference(model, str(pk))
        for model, ids in wanted.items()
        for pk in usable_by(vendor, model).filter(pk__in=ids).values_list("pk", flat=True)
    }
    return sorted({name for reference, names in fields.items() if reference not in usable for name in names})


def usable_by(vendor: Vendor, model: type[Model]) -> QuerySet:
    """The objects of `model` (the base of images, documents or pages) that `vendor` may use."""
    if model is Page:
        return usable_pages(vendor)
    return model._default_manager.filter(collection__path__startswith=vendor.collection.path)


def own_pages(vendor: Vendor) -> QuerySet[Page]:
    return Page.objects.filter(path__startswith=vendor.page.path)


def usable_pages(vendor: Vendor) -> QuerySet[Page]:
    """The vendor's own pages, and everybody's published venues and artists that are not private."""
    shared = Q(live=True, content_type__app_label="venues", content_type__model__in=SHARED_TYPES)
    own = Q(path__startswith=vendor.page.path)
    return Page.objects.filter(own | shared & ~Q(is_private()))


def _references(instance: Model) -> Iterable[tuple[Reference, str]]:
    models = (get_image_model(), get_document_model(), Page)
    watched = {ContentType.objects.get_for_model(model).pk: model for model in models}
    own_fields = {"alias_of", "latest_revision", "live_revision"}
    for type_id, pk, model_path, _content_path in ReferenceIndex._extract_references_from_object(instance):
        field = model_path.split(".")[0]
        if type_id in watched and field not in own_fields and not field.endswith("_ptr"):
            yield Reference(watched[type_id], pk), field
