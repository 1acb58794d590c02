"""Wagtail's users app, with forms for our own user model."""

from wagtail.users.apps import WagtailUsersAppConfig


class UsersConfig(WagtailUsersAppConfig):
    user_viewset = "portal.accounts.users.PersonViewSet"
