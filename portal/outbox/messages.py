"""Messages: past-tense facts that other apps may follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar

from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True)
class Message:
    """Base of every message. Subclasses are frozen dataclasses of JSON values with a unique `name`, "app.PastTense".

    They stand in their app's ``messages.py``, which every process loads. A field that is added later needs a default,
    for messages that were stored before it.
    """

    name: ClassVar[str]
    types: ClassVar[dict[str, type[Message]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        other = Message.types.setdefault(cls.name, cls)
        if _home(other) != _home(cls):
            raise ImproperlyConfigured(f"{_home(cls)}: the message '{cls.name}' exists already, in {_home(other)}.")
        Message.types[cls.name] = cls

    def payload(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def restore(name: str, payload: Mapping[str, Any]) -> Message:
        """The message that was stored. Raises LookupError when no installed app knows the name any more."""
        if name not in Message.types:
            raise LookupError(f"No installed app has the message '{name}'.")
        message_type = Message.types[name]
        known = {field.name for field in fields(message_type)}
        return message_type(**{key: value for key, value in payload.items() if key in known})


def _home(message_type: type[Message]) -> str:
    return f"{message_type.__module__}.{message_type.__qualname__}"
