"""What stands in the repository, and what must not."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import tomllib

import pytest

from portal.secrets import MAKERS, WITHOUT
from tests.architecture.source import APPS, python_files, repository_files, tree
from tests.infra.prepared import ROOT

pytestmark = pytest.mark.once

# Addresses that packages are fetched from. Split, so that this file is none of its findings.
REGISTRIES = [
    "pypi" + ".org/simple",
    "files." + "pythonhosted.org",
    "registry." + "npmjs.org",
    "registry." + "yarnpkg.com",
    "--index" + "-url",
    "--extra-index" + "-url",
    "--find" + "-links",
    "proxy." + "golang.org",
]
LOCKS = ["requirements.txt", "tests/requirements.txt", "tests/requirements-redis.txt", "deploy/requirements-node.txt"]
READERS = re.compile(r"(os\.environ|environ|environment)\.get|flag|words")


def test_no_registry_address_is_committed() -> None:
    found = []
    for path in repository_files():
        if path.suffix in {".png", ".jpg", ".woff2", ".ico"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {address}" for address in REGISTRIES if address in text]
    assert found == []


def test_the_asset_lock_names_no_place() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert all("integrity" in package for name, package in packages.items() if name)


@pytest.mark.parametrize("file", LOCKS)
def test_every_requirement_is_pinned_and_hashed(file: str) -> None:
    blocks = re.split(r"\n(?=[\w.-]+)", re.sub(r"^#.*\n", "", (ROOT / file).read_text(), flags=re.MULTILINE))
    assert [block.split()[0] for block in blocks if not re.match(r"[\w.-]+(\[[\w,.-]+\])?==", block)] == []
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_the_locks_hold_what_the_project_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for wanted, file in (
        (project["project"]["dependencies"], "requirements.txt"),
        (project["dependency-groups"]["dev"], "tests/requirements.txt"),
    ):
        locked = set(re.findall(r"^([\w.-]+)(?:\[[\w,.-]+\])?==", (ROOT / file).read_text(), flags=re.MULTILINE))
        assert {re.split(r"[\[<>=~! ]", name)[0].lower() for name in wanted} - {
            name.lower() for name in locked
        } == set()


def test_no_third_party_code_is_committed() -> None:
    folders = {"node_modules", "vendor", "site-packages", ".venv"}
    assert [str(path) for path in repository_files() if folders & set(path.relative_to(ROOT).parts)] == []


def environment_names() -> set[str]:
    """Every variable that the product reads, from its source."""
    found = set()
    for path in python_files(*APPS, "deploy"):
        for call in (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call) and node.args):
            argument = call.args[0]
            if READERS.fullmatch(ast.unparse(call.func)) and isinstance(argument, ast.Constant):
                found.add(argument.value)
    return found


def test_the_example_names_every_setting() -> None:
    read = environment_names() | {*MAKERS, *WITHOUT}
    example = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE)
    assert len(example) == len(set(example))
    assert sorted(example) == sorted(read - {"PATH", "UPGRADE"})


def test_what_a_change_must_pass_runs_by_itself() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", script]).returncode == 0
    steps = re.findall(r"^step .*? (make [\w.]+)", script.read_text(), flags=re.MULTILINE)
    assert steps == ["make .development", "make lint", "make types"]
    assert script.read_text().splitlines()[-2].startswith(".venv/bin/python -m deploy.check test")


def test_make_alone_lists_the_targets() -> None:
    said = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    listed = re.findall(r"^  make (\w+) +\w", said, flags=re.MULTILINE)
    assert listed == ["help", "run", "test", "lint", "format", "types", "bench", "seed", "shell", "describe", "lock"]


def test_the_readme_fits_one_screen_and_its_links_lead_somewhere() -> None:
    text = (ROOT / "README.md").read_text()
    assert text.count("\n") <= 60
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert [link for link in links if not (ROOT / link).exists()] == []
