"""The kinds of problem that the API answers with, as problems.toml lists them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple


class Kind(NamedTuple):
    """`when` says when it comes, `remedy` what to do; `detail` and `members` are an example's, with the code's own members."""

    title: str
    remedy: str
    status: int = 409
    when: str = ""
    detail: str = ""
    members: Mapping[str, Any] = {}


KINDS = {
    code: Kind(**said) for code, said in tomllib.loads(Path(__file__).with_name("problems.toml").read_text()).items()
}


def kind_of(code: str) -> Kind:
    """The kind of problem called `code`; of a plugin's own code what can be said of all."""
    unknown = code.replace("-", " ").capitalize(), "The answer's detail and further members say what can be done."
    return KINDS.get(code) or Kind(*unknown)
