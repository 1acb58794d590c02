"""What the endpoints' input is described with, beside the framework's own serializers and fields."""

from __future__ import annotations

import copy
from typing import Any

from rest_framework import serializers


# A serializer for what is read most. Its fields may not look at their context. The framework copies all fields deeply for
# every request, which takes longer than reading the body with them. No docstring: it would describe the API's bodies.
class Input(serializers.Serializer):
    def get_fields(self) -> dict[str, Any]:
        return {name: copy.copy(field) for name, field in self._declared_fields.items()}


class IdField(serializers.RegexField):
    """The id of a row, as text or number."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"\A[0-9]{1,18}\Z", error_messages={"invalid": "There is no such id."}, **kwargs)
