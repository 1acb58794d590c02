"""The kernel's extension points and the types of their items. Add to them in a plugin's ``register()``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from django.utils.functional import Promise

from portal.plugins import ExtensionPoint


@dataclass(frozen=True)
class UrlPatterns:
    """URL patterns of a plugin's own pages, mounted at the site's root before Wagtail's pages.

    Processes of the role `role` serve them, and those of the role "all". `roles` names the role of single pages that
    others serve, by the name of their pattern.
    """

    urlconf: str
    prefix: str = ""
    role: str = "web"
    roles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ApiRoute:
    """A path below /api/v1, for example ``events/{id}``, and the dotted path of its view class."""

    path: str
    view: str
    name: str
    role: str = "web"


@dataclass(frozen=True)
class SlotItem:
    """What to draw in the places that templates mark with ``{% slot "name" %}``.

    `component` takes one mapping, of the request and what the tag was given, and returns a laces component, or None
    to draw nothing.
    """

    slot: str
    component: Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True)
class PanelItem:
    """Panels that a plugin shows in the editor of the page model `model` ("venues.EventPage")."""

    model: str
    panels: Callable[[], list[Any]]


@dataclass(frozen=True)
class Job:
    """Scheduled work. `cron` has five fields (UTC); `run` is the dotted path of a function without arguments.

    Running it twice must do no harm: jobs are delivered at least once.
    """

    cron: str
    run: str
    queue: str = "default"


@dataclass(frozen=True)
class Subscriber:
    """A function, by dotted path, that gets every Message of the type `message` ("marketplace.OrderPaid") after its commit.

    It is called at least once for each message, in a worker, and must be idempotent.
    """

    message: str
    handler: str


@dataclass(frozen=True)
class Notice:
    """A kind of notification: its templates are ``notices/<template>.subject.txt``, ``.txt`` and ``.html``."""

    title: str | Promise
    template: str
    channels: tuple[str, ...] = ("email",)


@runtime_checkable
class Channel(Protocol):
    """A way to deliver a notification. Raises when the delivery should be tried again."""

    def deliver(self, notification: Any) -> None: ...


@runtime_checkable
class AccountKind(Protocol):
    """Something a person can sign up as."""

    title: Any  # text, or lazy text

    def errors(self, data: Mapping[str, Any]) -> dict[str, str]:
        """What is wrong with the sign-up `data`, by field name."""

    def create(self, user: Any, data: Mapping[str, Any]) -> None:
        """Set up what this kind of account needs, in the transaction that creates `user`."""

    def represent(self, user: Any) -> Mapping[str, Any]:
        """This kind's part of the user's representation in the API. Returned as a TypedDict it is described too."""


@runtime_checkable
class Seeder(Protocol):
    """Makes demo data. Running it again changes nothing."""

    def __call__(self, *, scale: int, say: Callable[[str], None]) -> Iterable[str] | None: ...


urls = ExtensionPoint("urls", UrlPatterns, "Pages of a plugin's own, at the site's root.")
api = ExtensionPoint("api", ApiRoute, "Endpoints below /api/v1.")
slots = ExtensionPoint("slots", SlotItem, "Parts of the site's pages.")
panels = ExtensionPoint("panels", PanelItem, "Panels in the editor of a page.")
jobs = ExtensionPoint("jobs", Job, "Scheduled work, run by django-q2.")
subscribers = ExtensionPoint("subscribers", Subscriber, "Work that follows a message, after its commit.")
notices = ExtensionPoint("notices", Notice, "Kinds of notification.")
channels = ExtensionPoint("channels", Channel, "Ways to deliver a notification.")
account_kinds = ExtensionPoint("account_kinds", AccountKind, "What a person can sign up as.")
seeders = ExtensionPoint("seeders", Seeder, "Demo data.")
