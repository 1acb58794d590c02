"""Turn Django's validation errors into refusals that name the field."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError

from portal.errors import Rejected


@contextmanager
def refusing(code: str, message: Any) -> Iterator[None]:
    """Raise Rejected(`code`, status 422, errors={field: [message]}) where the block raises ValidationError."""
    try:
        yield
    except ValidationError as error:
        fields = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
        raise Rejected(code, str(message), status=422, errors=fields) from error
