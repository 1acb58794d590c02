"""The types of the API's answers as JSON Schemas, and examples made of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import FunctionType
from typing import Any

from pydantic import TypeAdapter

from portal.api.operations import Media, Operation

REFERENCE = "#/components/schemas/{model}"
FORMATS = {"date": "2026-02-14", "uuid": "3f0c2a52-7d4e-4a57-9a0c-2f3f5b6a1c9d", "email": "ben@example.org"}
PLAIN = {"string": "text", "integer": 1, "number": 1.0, "boolean": True, "null": None}


def parts_of(answer: Any) -> tuple[Any, ...]:
    """The ways in which one status is answered: types of JSON, and Media."""
    if isinstance(answer, FunctionType):
        answer = answer()
    if answer is None:
        return ()
    return answer if isinstance(answer, tuple) and not isinstance(answer, Media) else (answer,)


class Components:
    """JSON Schemas of all answers of `operations`: each named type once, under its name."""

    def __init__(self, operations: list[Operation]) -> None:
        inputs: list[Any] = [(key, "serialization", TypeAdapter(kind)) for key, kind in self._types(operations)]
        by_key, described = TypeAdapter.json_schemas(inputs, ref_template=REFERENCE)
        self.schemas: dict[str, Any] = _renamed(described.get("$defs", {}))
        self._by_key = {key: _renamed(schema) for (key, _mode), schema in by_key.items()}

    @staticmethod
    def _types(operations: list[Operation]) -> Iterator[tuple[str, Any]]:
        for operation in operations:
            for status, answer in operation.answers.items():
                for kind in parts_of(answer):
                    if not isinstance(kind, Media):
                        yield f"{operation.id} {status}", kind

    def content(self, operation: Operation, status: int) -> dict[str, Any]:
        """OpenAPI's media types of one answer."""
        content: dict[str, Any] = {}
        for kind in parts_of(operation.answers[status]):
            if isinstance(kind, Media):
                text = {"type": "string"} if kind.type.startswith("text/") else {"type": "string", "format": "binary"}
                content[kind.type] = {"schema": text, "example": kind.example}
            else:
                schema = self._by_key[f"{operation.id} {status}"]
                content["application/json"] = {"schema": schema, "example": self.example(schema)}
        return content

    def example(self, schema: Mapping[str, Any]) -> Any:
        """A value that `schema` allows: the examples of its parts, put together.

        Members that need not be there are where they have an example.
        """
        if "x-example" in schema:
            return {**self._composed(schema), **schema["x-example"]}
        return schema["examples"][0] if "examples" in schema else self._composed(schema)

    def _composed(self, schema: Mapping[str, Any]) -> Any:
        if "$ref" in schema:
            return self.example(self.schemas[schema["$ref"].rpartition("/")[2]])
        if "anyOf" in schema:
            return self.example(schema["anyOf"][0])
        if "enum" in schema or "const" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        if schema.get("type") == "object":
            needed = schema.get("required", ())
            parts = schema.get("properties", {}).items()
            return {
                name: self.example(part)
                for name, part in parts
                if name in needed or part.keys() & {"examples", "x-example"}
            }
        if schema.get("type") == "array":
            return [self.example(schema["items"])]
        kind = schema.get("type", "null")
        return FORMATS.get(schema.get("format", ""), PLAIN.get(kind[0] if isinstance(kind, list) else kind))


def _renamed(schema: Any) -> Any:
    """PageOf[Listing] is called ListingPage, titles that only repeat a name go, and what can be null has two types."""
    if isinstance(schema, list):
        return [_renamed(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    made = {_name(key): _renamed(inner) for key, inner in schema.items() if key != "title" or isinstance(inner, dict)}
    if "$ref" in made:
        made["$ref"] = _name(made["$ref"])
    kinds = made.get("anyOf", [])
    if kinds and all(kind.keys() == {"type"} for kind in kinds):
        return {
            **{name: part for name, part in made.items() if name != "anyOf"},
            "type": [kind["type"] for kind in kinds],
        }
    return made


def without_partial_examples(schema: Any) -> Any:
    """`schema` as it is published: examples of objects stand in the answers."""
    if isinstance(schema, list):
        return [without_partial_examples(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    return {name: without_partial_examples(inner) for name, inner in schema.items() if name != "x-example"}


def _name(name: str) -> str:
    return re.sub(r"(Page|List)Of_(\w+)_$", r"\2\1", name)
