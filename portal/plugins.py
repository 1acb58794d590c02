"""The whole plugin mechanism: typed collections that plugins add to while the site starts.

A plugin is a Django app whose ``AppConfig`` derives from :class:`PluginConfig` and implements ``register()``. The
built-in apps use this same door. See ``docs/plugins.md``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, ClassVar, Generic, TypeVar

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import module_has_submodule

ENTRY_POINT_GROUP = "portal.plugins"

T = TypeVar("T")
_registering: ContextVar[str] = ContextVar("registering")


@dataclass(frozen=True)
class Entry(Generic[T]):
    """One item in an extension point, and the plugin that put it there."""

    key: str
    item: T
    owner: str
    order: int


class ExtensionPoint(Generic[T]):
    """A named, typed, ordered collection that plugins fill in ``register()`` and one app reads.

    Items come out by ``order``, then in the order of INSTALLED_APPS. Iterating yields the items.
    """

    all: ClassVar[dict[str, ExtensionPoint[Any]]] = {}

    def __init__(self, name: str, item_type: type[T], doc: str) -> None:
        self.name, self.item_type, self.doc = name, item_type, doc
        self._entries: dict[str, Entry[T]] = {}
        ExtensionPoint.all[name] = self

    def add(self, key: str, item: T, *, order: int = 0) -> None:
        """Add `item` under `key`, which is unique within the point. Only for use in ``register()``."""
        owner = _registering.get(None)
        if owner is None:
            raise ImproperlyConfigured(f"{self.name}: '{key}' was added outside a plugin's register().")
        if not isinstance(item, self.item_type):
            raise ImproperlyConfigured(
                f"{owner}: '{key}' for {self.name} must be a {self.item_type.__name__}, not {type(item).__name__}."
            )
        if other := self._entries.get(key):
            raise ImproperlyConfigured(f"{owner}: {self.name} has '{key}' already, from {other.owner}.")
        self._entries[key] = Entry(key, item, owner, order)

    @property
    def entries(self) -> list[Entry[T]]:
        return sorted(self._entries.values(), key=lambda entry: entry.order)

    def __iter__(self) -> Iterator[T]:
        return (entry.item for entry in self.entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def __getitem__(self, key: str) -> T:
        return self._entries[key].item

    def get(self, key: str) -> T | None:
        entry = self._entries.get(key)
        return entry.item if entry else None

    def discard_owner(self, owner: str) -> None:
        """Forget what `owner` added, so that a test can install and remove a plugin."""
        self._entries = {key: entry for key, entry in self._entries.items() if entry.owner != owner}


@contextmanager
def registering(owner: str) -> Iterator[None]:
    """Within it, what is added to extension points is `owner`'s, and every error names `owner`."""
    token = _registering.set(owner)
    try:
        yield
    except ImproperlyConfigured:
        raise
    except Exception as error:
        raise ImproperlyConfigured(f"The plugin {owner} could not register: {error!r}") from error
    finally:
        _registering.reset(token)


class PluginConfig(AppConfig):
    """The base of every plugin's AppConfig."""

    # Django takes the one AppConfig subclass with default=True in apps.py; an imported base that did not say False
    # would make two candidates, and the plugin would silently never register.
    default = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.default = True

    def ready(self) -> None:
        with registering(self.name):
            if module_has_submodule(self.module, "messages"):
                import_module(f"{self.name}.messages")  # stored messages are restored by name in every process
            self.register()

    def register(self) -> None:
        """Add this plugin's items to extension points. Called once, when every model is loaded."""


def installed_plugins() -> list[str]:
    """Dotted app names of the pip-installed plugins, by entry point name."""
    return [point.value for point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda point: point.name)]
