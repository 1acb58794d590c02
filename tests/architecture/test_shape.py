"""Sizes and names: small functions, small modules, names that say something."""

from __future__ import annotations

import ast
import re
import statistics

import pytest

from tests.architecture.source import PRODUCT, name, python_files, tree
from tests.infra.prepared import ROOT

pytestmark = pytest.mark.once

MODULE_CAP, MODULE_P90 = 400, 250
FUNCTION_CAP, FUNCTION_P90, FUNCTION_MEDIAN = 50, 20, 8
SAYS_NOTHING = {"utils", "util", "helpers", "common", "core", "misc"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def function_sizes() -> dict[str, int]:
    return {
        f"{name(path)}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in (*python_files(*PRODUCT), ROOT / "manage.py")
        for node in ast.walk(tree(path))
        if isinstance(node, FUNCTIONS)
    }


def module_sizes() -> dict[str, int]:
    texts = {name(path): path.read_text() for path in python_files(*PRODUCT)}
    return {module: text.count("\n") for module, text in texts.items() if text.strip()}


def test_functions_are_short() -> None:
    sizes = function_sizes()
    assert [function for function, size in sizes.items() if size > FUNCTION_CAP] == []
    assert statistics.median(sizes.values()) < FUNCTION_MEDIAN
    assert statistics.quantiles(sizes.values(), n=10, method="inclusive")[-1] <= FUNCTION_P90


def test_modules_are_short() -> None:
    sizes = module_sizes()
    assert [module for module, size in sizes.items() if size > MODULE_CAP] == []
    assert statistics.quantiles(sizes.values(), n=10, method="inclusive")[-1] <= MODULE_P90


def test_names_say_something() -> None:
    parts = {name(path): {path.stem, *path.relative_to(ROOT).parts[:-1]} for path in python_files(*PRODUCT, "tests")}
    assert [module for module, words in parts.items() if words & SAYS_NOTHING] == []


def test_imports_within_functions_say_why() -> None:
    """A comment stands beside the first of them, above it, or in the function's or the module's first lines."""
    silent = []
    for path in python_files(*PRODUCT):
        lines = path.read_text().splitlines()
        for function in (node for node in ast.walk(tree(path)) if isinstance(node, FUNCTIONS)):
            imports = [node for node in ast.walk(function) if isinstance(node, (ast.Import, ast.ImportFrom))]
            if imports and not _has_comment(lines, imports):
                silent.append(f"{name(path)}:{imports[0].lineno}")
    assert silent == []


def _has_comment(lines: list[str], imports: list[ast.Import | ast.ImportFrom]) -> bool:
    near = [lines[node.lineno - 1] for node in imports] + [lines[imports[0].lineno - 2]]
    return any("#" in line for line in near)


def test_tests_mock_nothing_of_ours() -> None:
    wanted = re.compile(r"\bunittest\.mock\b|\bfrom unittest import mock\b|\bimport mock\b|\bmocker\b|\bMagicMock\b")
    found = [
        name(path) for path in python_files("tests") if wanted.search(path.read_text()) and path.name != "test_shape.py"
    ]
    assert found == []
