"""Every code that the source refuses with has a title and a remedy: the page that a problem's `type` leads to."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from portal.accounts.oauth import ERRORS
from portal.api.catalogue import KINDS
from portal.api.problems import FRAMEWORK_CODES
from tests.architecture.source import APPS, name, python_files, tree

pytestmark = pytest.mark.once
PLACE = {"Rejected": 0, "refusing": 0, "Problem": 1, "__init__": 1}  # where each takes its code
PASSED_ON = {
    "portal/api/problems.py",
    "portal/accounts/api.py",
    "portal/accounts/oauth.py",
    "venues/services/validation.py",
}  # another's refusal


def codes_of(module: ast.Module) -> Iterator[str | None]:
    """The code of each refusal in `module`; None where it can't be read from the source."""
    constants = {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if called in PLACE and node.args:
                yield from _code(called, node.args, constants)


def _code(called: str, given: list[ast.expr], constants: dict[str, ast.Tuple]) -> Iterator[str | None]:
    first = given[0]
    if isinstance(first, ast.Starred):  # *INVALID
        given = (
            constants[first.value.id].elts if isinstance(first.value, ast.Name) and first.value.id in constants else []
        )
    elif isinstance(first, ast.Subscript) and isinstance(first.value, ast.Name):  # INVALID[0]
        given = constants[first.value.id].elts
    if len(given) <= PLACE[called]:
        return
    code = given[PLACE[called]]
    if isinstance(code, ast.Constant) and isinstance(code.value, str):
        yield code.value
    elif called != "__init__":
        yield None


def raised() -> set[str]:
    found = set(FRAMEWORK_CODES.values()) | {error.replace("_", "-") for error in ERRORS}
    for path in python_files(*APPS):
        codes = set(codes_of(tree(path)))
        assert None not in codes or name(path) in PASSED_ON, f"{name(path)}: write the code of a refusal out"
        found |= {code for code in codes if code}
    return found


def test_every_code_is_explained() -> None:
    assert (raised() - set(KINDS), set(KINDS) - raised()) == (set(), set())


def test_explanations_are_sentences() -> None:
    for code, kind in KINDS.items():
        assert (kind.title[0].isupper(), kind.title[-1] != ".", kind.remedy[-1], kind.when[-1:]) == (
            True,
            True,
            ".",
            ".",
        ), code


def statuses() -> dict[str, set[int]]:
    """The statuses that the source says for each code."""
    found: dict[str, set[int]] = {code: {status} for status, code in FRAMEWORK_CODES.items()}
    for path in python_files(*APPS):
        for node in ast.walk(tree(path)):
            called = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if called in ("Rejected", "Problem"):
                code, status = _said(called, node)
                if isinstance(code, str) and isinstance(status, int):
                    found.setdefault(code, set()).add(status)
    return found


def _said(called: str, call: ast.Call) -> tuple[object, object]:
    given = [getattr(argument, "value", None) for argument in call.args]
    if called == "Problem":
        return given[1], given[0]
    named = [getattr(keyword.value, "value", None) for keyword in call.keywords if keyword.arg == "status"]
    return given[0], named[0] if named else 409


def test_a_code_has_the_one_status_that_the_catalogue_says() -> None:
    wrong = {code: said for code, said in statuses().items() if code in KINDS and said != {KINDS[code].status}}
    assert wrong == {}


def test_the_reader_finds_codes() -> None:
    """The control."""
    module = ast.parse(
        "A = ('one', 1)\nB = (409, 'two', '')\nRejected('three', '')\nProblem(404, 'four', '')\n"
        "Rejected(A[0], '')\nraise X(*B)\nsuper().__init__(*B)\nrefusing(*A)\nRejected(code, '')\n"
    )
    assert set(codes_of(module)) == {"one", "two", "three", "four", None}
