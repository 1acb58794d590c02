"""Every extension point is documented with an example that Python can read, and exercised by a test."""

from __future__ import annotations

import ast
import re

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.plugins import ExtensionPoint, registering
from tests.architecture.source import python_files
from tests.infra.prepared import ROOT

pytestmark = pytest.mark.once

DOCUMENT = (ROOT / "docs" / "plugins.md").read_text()
POINTS = sorted(name for name in ExtensionPoint.all if not name.startswith("test"))


def section(point: str) -> str:
    found = re.search(rf"^### `{point}`\n(.*?)(?=^##|\Z)", DOCUMENT, flags=re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def test_the_document_has_a_section_for_each_and_no_other() -> None:
    assert sorted(re.findall(r"^### `(\w+)`", DOCUMENT, flags=re.MULTILINE)) == POINTS


@pytest.mark.parametrize("point", POINTS)
def test_each_is_shown_in_an_example(point: str) -> None:
    examples = re.findall(r"```python\n(.*?)```", section(point), flags=re.DOTALL)
    assert examples
    for example in examples:
        ast.parse(example)
    assert any(f"{point}.add(" in example for example in examples)


@pytest.mark.parametrize("point", POINTS)
def test_each_is_exercised_by_a_test(point: str) -> None:
    """A plugin in a test adds to it; that the test looks at the effect is for its reader to see."""
    texts = [path.read_text() for path in python_files("tests") if "architecture" not in path.parts]
    assert [text for text in texts if re.search(rf"\b{point}\.add\(", text)]


@pytest.mark.parametrize("point", POINTS)
def test_each_says_what_it_is_for_and_refuses_what_it_is_not(point: str) -> None:
    assert ExtensionPoint.all[point].doc.endswith(".")
    with pytest.raises(ImproperlyConfigured, match=point), registering("somebody"):
        ExtensionPoint.all[point].add("wrong", object())


@pytest.mark.parametrize("point", POINTS)
def test_each_is_filled_while_the_site_starts_alone(point: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="outside"):
        ExtensionPoint.all[point].add("late", object())
