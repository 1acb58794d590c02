from dataclasses import dataclass
from typing import ClassVar

from portal.outbox.messages import Message


@dataclass(frozen=True)
class Lit(Message):
    """A lantern was lit for somebody."""

    name: ClassVar[str] = "lantern.Lit"
    who: str
    brightness: int = 1
