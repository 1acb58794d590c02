"""Serializer fields that several endpoints share."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class IdField(serializers.RegexField):
    """The id of a row, as text or number."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"\A[0-9]{1,18}\Z", error_messages={"invalid": "There is no such id."}, **kwargs)
