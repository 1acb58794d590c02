"""Wagtail's user management, for people who have one name and no username."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.users.forms import UserForm
from wagtail.users.views.users import IndexView, UserViewSet

from portal.accounts.models import User
from portal.accounts.tokens import revoke_all

FIELDS = ("email", "name", "is_superuser", "groups")


class PersonForm(UserForm):
    """What staff may set of a person. A closed account and a new password end every token at once."""

    first_name = last_name = None
    name = forms.CharField(label=_("Name"), max_length=150)

    def clean_email(self) -> str:
        return self.cleaned_data["email"].strip().lower()

    def save(self, commit: bool = True) -> User:
        user = super().save(commit)
        if commit:
            _sync_address(user)
            if not user.is_active or self.cleaned_data.get("password1"):
                revoke_all(user)
        return user


class PersonCreationForm(PersonForm):
    class Meta:
        model = User
        fields = FIELDS
        widgets: ClassVar = {"groups": forms.CheckboxSelectMultiple}


class PersonEditForm(PersonForm):
    password_required = False

    class Meta:
        model = User
        fields = (*FIELDS, "is_active")
        widgets: ClassVar = {"groups": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        editing_self = kwargs.pop("editing_self", False)
        super().__init__(*args, **kwargs)
        if editing_self:
            del self.fields["is_active"], self.fields["is_superuser"]


def _sync_address(user: User) -> None:
    """The address that staff wrote is the person's primary one; it still has to be confirmed where it is new."""
    address = EmailAddress.objects.filter(user=user, email__iexact=user.email).first()
    EmailAddress.objects.filter(user=user, primary=True).exclude(pk=address.pk if address else None).delete()
    if address is None:
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
    elif not address.primary:
        address.primary = True
        address.save(update_fields=["primary"])


class PeopleView(IndexView):
    @cached_property
    def columns(self) -> list[Any]:
        columns = super().columns
        columns[1].sort_key = "name"
        columns[2].label = _("E-mail address")
        return columns

    @cached_property
    def search_fields(self) -> set[str]:
        return {"name", "email"}

    def order_queryset(self, queryset: Any) -> Any:
        if self.ordering in ("name", "-name"):
            return queryset.order_by(self.ordering)
        return super().order_queryset(queryset)


class PersonViewSet(UserViewSet):
    index_view_class = PeopleView

    def get_form_class(self, for_update: bool = False) -> type[PersonForm]:
        return PersonEditForm if for_update else PersonCreationForm
