"""What a service raises when it refuses."""

from typing import Any


class Rejected(Exception):
    """A refusal that the caller can do something about, with nothing changed.

    `code` is stable and kebab-case ("sold-out"), `message` is for people, `status` is the HTTP status that the API
    answers with, and `data` is what a client needs to go on (JSON values).
    """

    def __init__(self, code: str, message: Any, *, status: int = 409, **data: Any) -> None:
        super().__init__(message)
        self.code, self.message, self.status, self.data = code, message, status, data
