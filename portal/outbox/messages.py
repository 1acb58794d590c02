"""Messages: past-tense facts that other apps may follow."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class Message:
    """Base of every message. Subclasses are frozen dataclasses of JSON values with a unique `name`, "app.PastTense"."""

    name: ClassVar[str]
    types: ClassVar[dict[str, type[Message]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        Message.types[cls.name] = cls

    def payload(self) -> dict[str, Any]:
        return asdict(self)
