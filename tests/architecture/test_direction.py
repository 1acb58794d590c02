"""Nothing points up: not an import (`make lint`), not a foreign key, not a migration."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.db.migrations.loader import MigrationLoader

from tests.architecture.source import APPS
from tests.infra.prepared import ROOT

pytestmark = pytest.mark.once

LEVELS = {"portal": 1, "venues": 2, "marketplace": 3, "home": 4, "loyalty": 4, "galleries": 4, "recommender": 4}


def may_depend(source: str, target: str) -> bool:
    """Whether something in the app `source` may depend on the app `target`: dotted names."""
    source, target = source.split(".")[0], target.split(".")[0]
    if target not in LEVELS or source == target:
        return True
    if target == "marketplace":
        return source == "loyalty"
    return LEVELS[source] > LEVELS[target]


def ours(app: str) -> bool:
    return app.split(".")[0] in LEVELS


@pytest.mark.parametrize(
    ("source", "target", "allowed"),
    [
        ("venues", "portal.accounts", True),
        ("marketplace", "venues", True),
        ("loyalty", "marketplace", True),
        ("home", "marketplace", False),
        ("home", "loyalty", False),
        ("venues", "marketplace", False),
        ("portal.api", "venues", False),
        ("portal.outbox", "portal.accounts", True),
        ("portal", "wagtail.images", True),
    ],
)
def test_the_rule_itself(source: str, target: str, allowed: bool) -> None:
    assert may_depend(source, target) is allowed


def test_every_app_of_ours_has_a_level() -> None:
    assert {config.name.split(".")[0] for config in apps.get_app_configs() if ours(config.name)} == set(APPS)


def test_no_foreign_key_points_up() -> None:
    wrong = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_models(include_auto_created=True)
        if ours(model._meta.app_config.name)
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model
        if not may_depend(model._meta.app_config.name, field.related_model._meta.app_config.name)
    ]
    assert wrong == []


def test_no_migration_depends_on_an_app_above() -> None:
    names = {config.label: config.name for config in apps.get_app_configs()}
    loader = MigrationLoader(None)
    wrong = [
        f"{label}.{migration} -> {other}"
        for (label, migration), found in loader.disk_migrations.items()
        if ours(names[label])
        for other, _name in (*found.dependencies, *((app, "") for app, _migration in found.run_before))
        if not may_depend(names[label], names.get(other, other))
    ]
    assert wrong == []


def test_migrations_are_complete(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
