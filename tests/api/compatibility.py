"""What a change of the API's description breaks for clients that were written for the one before.

Taking more and answering more breaks nobody, and neither do new codes of problems. Removing or renaming does, and so do
more needs, narrower inputs, and answers of other types.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

LIMITS = {"maximum": 1, "maxLength": 1, "maxItems": 1, "minimum": -1, "minLength": -1, "minItems": -1}


def breaks(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Each break from `old` to `new`, as a line that says where."""
    return [line for path in old["paths"] for line in Comparison(old, new).path(path)]


class Comparison:
    def __init__(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        self.old, self.new = old, new
        self.seen: set[tuple[str, str, bool]] = set()

    def apart(self) -> Comparison:
        """For a try: what it sees is not seen by this one."""
        other = Comparison(self.old, self.new)
        other.seen = set(self.seen)
        return other

    def path(self, path: str) -> Iterator[str]:
        methods = self.new["paths"].get(path, {})
        for method, operation in self.old["paths"][path].items():
            at = f"{method.upper()} {path}"
            if method not in methods:
                yield f"{at} is removed"
            else:
                yield from self.operation(at, operation, methods[method])

    def operation(self, at: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
        if old["operationId"] != new["operationId"]:
            yield f"{at}: its name in clients changes from {old['operationId']} to {new['operationId']}"
        yield from self.parameters(at, named(old), named(new))
        yield from self.body(at, old.get("requestBody", {}), new.get("requestBody", {}))
        for way in old["security"]:
            if not any(opens(way, other) for other in new["security"]):
                yield f"{at}: {way or 'a call without a token'} is no longer enough"
        for status, answer in old["responses"].items():
            if status.startswith("2"):
                yield from self.answer(f"{at} {status}", answer, new["responses"].get(status))

    def parameters(self, at: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
        for name in old.keys() - new.keys():
            yield f"{at}: the parameter {name} is removed"
        for name, parameter in new.items():
            if parameter.get("required") and not old.get(name, {}).get("required"):
                yield f"{at}: the parameter {name} is needed now"
            if name in old:
                yield from self.schema(f"{at} ?{name}", old[name]["schema"], parameter["schema"], taken=True)

    def body(self, at: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
        if new.get("required") and not old.get("required"):
            yield f"{at}: a body is needed now"
        yield from self.contents(at, old.get("content", {}), new.get("content", {}), taken=True)

    def answer(self, at: str, old: dict[str, Any], new: dict[str, Any] | None) -> Iterator[str]:
        if new is None:
            yield f"{at}: this answer is removed"
            return
        for name in old.get("headers", {}).keys() - new.get("headers", {}).keys():
            yield f"{at}: the header {name} is removed"
        yield from self.contents(at, old.get("content", {}), new.get("content", {}), taken=False)

    def contents(self, at: str, old: dict[str, Any], new: dict[str, Any], *, taken: bool) -> Iterator[str]:
        for media, content in old.items():
            if media not in new:
                yield f"{at}: {media} is removed"
            else:
                yield from self.schema(at, content["schema"], new[media]["schema"], taken=taken)

    def schema(self, at: str, old: dict[str, Any], new: dict[str, Any], *, taken: bool) -> Iterator[str]:
        """Breaks of what is `taken` from clients, or else answered to them."""
        names = (old.get("$ref", ""), new.get("$ref", ""), taken)
        if any(names[:2]) and names in self.seen:
            return
        self.seen.add(names)
        old, new = resolved(self.old, old), resolved(self.new, new)
        if "anyOf" in old or "oneOf" in old or "anyOf" in new or "oneOf" in new:
            yield from self.choices(at, choices_of(old), choices_of(new), taken=taken)
            return
        yield from kinds(at, old, new, taken=taken)
        yield from values(at, old, new, taken=taken)
        yield from self.members(at, old, new, taken=taken)
        if "items" in old and "items" in new:
            yield from self.schema(f"{at}[]", old["items"], new["items"], taken=taken)

    def choices(self, at: str, old: list[Any], new: list[Any], *, taken: bool) -> Iterator[str]:
        """Whoever sends one of the old must be understood; whoever reads one of the new must know it."""
        for choice in old if taken else new:
            pairs = [(choice, other) if taken else (other, choice) for other in (new if taken else old)]
            if all(list(self.apart().schema(at, *pair, taken=taken)) for pair in pairs):
                yield f"{at}: {'no longer takes' if taken else 'also answers'} {short(choice)}"

    def members(self, at: str, old: dict[str, Any], new: dict[str, Any], *, taken: bool) -> Iterator[str]:
        had, has = old.get("properties", {}), new.get("properties", {})
        needed, needs = set(old.get("required", ())), set(new.get("required", ()))
        for name in sorted(had.keys() - has.keys()):
            yield f"{at}.{name} is removed"
        for name in sorted(needs - needed if taken else (needed - needs) & has.keys()):
            yield f"{at}.{name} is needed now" if taken else f"{at}.{name} may be missing now"
        for name in had.keys() & has.keys():
            yield from self.schema(f"{at}.{name}", had[name], has[name], taken=taken)


def kinds(at: str, old: dict[str, Any], new: dict[str, Any], *, taken: bool) -> Iterator[str]:
    had, has = types_of(old), types_of(new)
    lost = had - has if taken else has - had
    if lost and had and has:
        yield f"{at}: the type changes from {'|'.join(sorted(had))} to {'|'.join(sorted(has))}"
    for rule in ("format", "pattern"):
        if old.get(rule) != new.get(rule) and (rule in new if taken else rule in old):
            yield f"{at}: its {rule} changes from {old.get(rule)} to {new.get(rule)}"


def values(at: str, old: dict[str, Any], new: dict[str, Any], *, taken: bool) -> Iterator[str]:
    if gone := set(old.get("enum", ())) - set(new.get("enum", old.get("enum", ()))):
        yield f"{at}: {', '.join(sorted(map(str, gone)))} is no longer {'taken' if taken else 'answered'}"
    if taken and "enum" in new and "enum" not in old:
        yield f"{at}: takes only {', '.join(map(str, new['enum']))} now"
    for rule, sign in LIMITS.items() if taken else ():
        if rule in new and (rule not in old or sign * new[rule] < sign * old[rule]):
            yield f"{at}: {rule} is {new[rule]} now"


def types_of(schema: dict[str, Any]) -> set[str]:
    kind = schema.get("type", [])
    found = {kind} if isinstance(kind, str) else set(kind)
    return found | {"integer"} if "number" in found else found


def choices_of(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return list(schema.get("anyOf") or schema.get("oneOf") or [schema])


def named(operation: dict[str, Any]) -> dict[str, Any]:
    return {f"{item['name']} ({item['in']})": item for item in operation.get("parameters", ())}


def opens(way: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether a call that is good by the old `way` is good by the `other` one."""
    return all(name in way and set(scopes) <= set(way[name]) for name, scopes in other.items())


def resolved(description: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in part:
        return part
    found: Any = description
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found


def short(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", schema.get("type", schema))).rpartition("/")[2]
