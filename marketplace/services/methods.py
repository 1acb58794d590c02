"""A vendor's ways to be paid, and which of them an event takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.extensions import PaymentProvider, payment_providers
from marketplace.models import EventTerms, Order, Payment, PaymentMethod
from marketplace.services.inventory import ensure_terms
from portal.errors import Rejected
from portal.prepared import Prepared

if TYPE_CHECKING:
    from django import forms

    from venues.models import EventPage, Vendor

LONGEST_SECRET = 600
ACCEPTED = Prepared(lambda event: PaymentMethod.objects.filter(events__event=event, removed_at=None))


def offered_providers() -> dict[str, PaymentProvider]:
    """The providers that a vendor can set up, by key."""
    entries = payment_providers.entries
    return {entry.key: entry.item for entry in entries if getattr(entry.item, "offered", True)}


def open_fields(provider: PaymentProvider) -> dict[str, forms.Field]:
    """The fields of a provider's config that are no secrets, by name."""
    make = getattr(provider, "form_fields", None)
    return make() if make else {}


def add_method(vendor: Vendor, *, provider: str, title: str, config: dict[str, Any] | None = None) -> PaymentMethod:
    """Raises Rejected ("invalid-input") with what is wrong, field by field."""
    found = offered_providers().get(provider)
    if found is None:
        raise invalid({"provider": _("There is no such provider. There is: %s.") % ", ".join(offered_providers())})
    cleaned = clean_config(found, config or {}, current={})
    return PaymentMethod.objects.create(
        vendor=vendor, provider=provider, title=_clean_title(title or str(found.title)), config=cleaned
    )


def change_method(
    method: PaymentMethod, *, title: str | None = None, config: dict[str, Any] | None = None
) -> PaymentMethod:
    """Change what is given. A secret that `config` leaves out stays; one that is empty is taken away."""
    with transaction.atomic():
        method = PaymentMethod.objects.select_for_update().get(pk=method.pk)
        if title is not None:
            method.title = _clean_title(title)
        if config is not None:
            cleaned = clean_config(payment_providers[method.provider], config, current=method.config)
            _check_account(method, cleaned)
            method.config = cleaned
        method.save(update_fields=["title", "config"])
    return method


def remove_method(method: PaymentMethod) -> None:
    """No event takes it any more. What was paid with it stays. Raises Rejected("in-use")."""
    with transaction.atomic():
        # All of the vendor's methods: of two that are removed at once, each would count on the other.
        list(PaymentMethod.objects.select_for_update().filter(vendor=method.vendor_id).values_list("pk", flat=True))
        if stuck := _events_left_without(method):
            message = _("An event on sale has no other way to be paid: %s.") % ", ".join(map(str, stuck[:3]))
            raise Rejected("in-use", message, events=[str(event.pk) for event in stuck])
        PaymentMethod.objects.filter(pk=method.pk, removed_at=None).update(removed_at=timezone.now())


def attach_method(event: EventPage, *, method: PaymentMethod) -> None:
    """Let `event` be paid with `method`. Twice changes nothing. Raises Rejected for another vendor's method."""
    terms = ensure_terms(event)
    if method.vendor_id != terms.vendor_id or method.removed_at:
        raise Rejected("not-found", _("This payment method does not exist."), status=404)
    terms.payment_methods.add(method)


def choose_methods(event: EventPage, *, methods: list[PaymentMethod]) -> None:
    """Let `event` be paid with `methods` and no others."""
    terms = ensure_terms(event)
    if any(method.vendor_id != terms.vendor_id or method.removed_at for method in methods):
        raise Rejected("not-found", _("This payment method does not exist."), status=404)
    terms.payment_methods.set(methods)


def methods_for(event: EventPage) -> list[PaymentMethod]:
    """What buyers of `event` can choose among."""
    offered = offered_providers()
    return [method for method in ACCEPTED(event=event.pk) if method.provider in offered]


def find_accepted(method_id: int, *, event_id: int) -> PaymentMethod | None:
    """The method with that id, if the event accepts it."""
    return next((method for method in ACCEPTED(event=event_id) if method.pk == method_id), None)


def methods_of(vendor: Vendor) -> list[PaymentMethod]:
    return list(PaymentMethod.objects.filter(vendor=vendor, removed_at=None))


def objection(order: Order, method: PaymentMethod) -> str:
    """Why `order` can't be paid with `method`, for people; empty if it can."""
    ask = getattr(payment_providers.get(method.provider), "objection", None)
    return ask(order, method) if ask else ""


def usable_for(order: Order) -> list[PaymentMethod]:
    """The event's methods that this order can be paid with."""
    return [method for method in methods_for(order.event) if not objection(order, method)]


def brands_of(method: PaymentMethod) -> dict[str, str]:
    """The card brands that are accepted, by key; empty where brands mean nothing."""
    brands = getattr(payment_providers.get(method.provider), "brands", {})
    chosen = method.config.get("brands") or list(brands)
    return {key: name for key, name in brands.items() if key in chosen}


def open_config(method: PaymentMethod) -> dict[str, Any]:
    """The config without its secrets."""
    provider = payment_providers.get(method.provider)
    names = open_fields(provider) if provider else {}
    return {name: method.config[name] for name in names if name in method.config}


def secrets_set(method: PaymentMethod) -> dict[str, str]:
    """Which secrets are set: the last four characters by name, or nothing of a short one."""
    provider = payment_providers.get(method.provider)
    found = {name: str(method.config.get(name) or "") for name in (provider.config_fields if provider else {})}
    return {name: value[-4:] if len(value) >= 16 else "" for name, value in found.items() if value}


def clean_config(provider: PaymentProvider, config: dict[str, Any], *, current: dict[str, Any]) -> dict[str, Any]:
    """`config` checked and completed with the secrets of `current`. Raises Rejected with what is wrong."""
    fields = open_fields(provider)
    known = {*fields, *provider.config_fields}
    errors = {f"config/{name[:60]}": _("There is no such setting.") for name in config if name not in known}
    cleaned = {name: current[name] for name in provider.config_fields if current.get(name)}
    for name in provider.config_fields.keys() & config.keys():
        _take_secret(cleaned, errors, name, config[name])
    for name, field in fields.items():
        try:
            if isinstance(config.get(name), dict):
                raise ValidationError(_("This must be one value."))
            if (value := field.clean(config.get(name))) not in (None, "", []):
                cleaned[name] = value
        except ValidationError as error:
            errors[f"config/{name}"] = " ".join(error.messages)
    errors |= {f"config/{name}": str(text) for name, text in provider.check_config(cleaned).items() if not errors}
    if errors:
        raise invalid(errors)
    return cleaned


def _take_secret(cleaned: dict[str, Any], errors: dict[str, str], name: str, value: Any) -> None:
    if value is None or value == "":
        cleaned.pop(name, None)
    elif isinstance(value, str) and len(value) <= LONGEST_SECRET:
        cleaned[name] = value.strip()
    else:
        errors[f"config/{name}"] = _("This must be text of at most %s characters.") % LONGEST_SECRET


def invalid(errors: dict[str, str]) -> Rejected:
    """Bad input, by path of the field, in the form of the API's errors."""
    rows = [{"pointer": f"/{path}", "code": "invalid", "detail": text} for path, text in errors.items()]
    path, text = next(iter(errors.items()))
    return Rejected("invalid-input", f"{path.rpartition('/')[2]}: {text}", status=422, errors=rows)


def _clean_title(title: str) -> str:
    title = " ".join(title.split())
    if not title or len(title) > 80:
        raise invalid({"title": _("A title has 1 to 80 characters.")})
    return title


def _check_account(method: PaymentMethod, config: dict[str, Any]) -> None:
    """Money that was paid into one account can't be given back from another."""
    if bool(config.get("secret_key")) == bool(method.config.get("secret_key")):
        return
    if Payment.objects.filter(method=method).exists():
        raise Rejected(
            "account-in-use",
            _("Payments were made to this account. Add another payment method for the other account instead."),
        )


def _events_left_without(method: PaymentMethod) -> list[EventPage]:
    """Live events that sell something and would have no way to be paid left."""
    on_sale = EventTerms.objects.filter(
        payment_methods=method,
        event__live=True,
        event__end__gt=timezone.now(),
        event__ticket_types__archived_at=None,
        event__ticket_types__price__gt=0,
    ).distinct()
    others = PaymentMethod.objects.filter(removed_at=None).exclude(pk=method.pk)
    covered = others.filter(events__in=on_sale).values("events")
    return [terms.event for terms in on_sale.exclude(pk__in=covered).select_related("event")]
