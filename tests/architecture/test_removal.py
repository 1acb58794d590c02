"""Any optional app can be taken out: of a site that ran with it, and of one that never had it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.infra.environment import data_folder
from tests.infra.prepared import ROOT, prepared_sqlite

pytestmark = pytest.mark.once

# Runs in the site without the app: makes what a vendor would, and asks for the pages that a visitor would.
VISIT = """
from datetime import timedelta

from django.test import Client
from django.utils.timezone import now

from portal.accounts.models import User
from venues.models import EventType
from venues.services.events import create_event
from venues.services.vendors import create_vendor

vendor = create_vendor(User.objects.create_user("ada@example.org", "correct-horse-battery", name="Ada"), name="Ada's Hall")
start = now() + timedelta(days=9)
event = create_event(
    vendor, title="Brass at noon", type=EventType.objects.first().slug, start=start, end=start + timedelta(hours=2),
    timezone="Europe/Berlin", publish=True,
)
client = Client(headers={"host": "localhost"})
pages = ["/", "/events/", event.url, "/api/v1/events", f"/api/v1/events/{event.pk}", "/api/v1/openapi.json", "/account/login/"]
for page in pages:
    answer = client.get(page, follow=True)
    assert answer.status_code == 200, (page, answer.status_code)
assert "Brass at noon" in client.get("/events/").content.decode()
admin = Client(headers={"host": "localhost"})
admin.force_login(
    User.objects.create_superuser("sam@example.org", "correct-horse-battery", name="Sam"),
    backend="allauth.account.auth_backends.AuthenticationBackend",
)
for page in ["/admin/", f"/admin/pages/{event.pk}/edit/", f"/admin/pages/{event.get_parent().pk}/"]:
    answer = admin.get(page, follow=True)
    assert answer.status_code == 200, (page, answer.status_code)
"""
WITHOUT = {
    **{app: " ".join(other for other in settings.OPTIONAL_APPS if other != app) for app in settings.OPTIONAL_APPS},
    "all of them": " ",
}


def run(data_dir: Path, apps: str, *arguments: str) -> None:
    environment = {**os.environ, "DATA_DIR": str(data_dir), "OPTIONAL_APPS": apps, "DATABASE_URL": "", "REDIS_URL": ""}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", *arguments],
        cwd=ROOT,
        env={**environment, "DEBUG": "1"},  # no static files are collected here
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]


@pytest.mark.parametrize("removed", WITHOUT)
def test_a_site_goes_on_without_an_app_that_it_had(removed: str) -> None:
    with data_folder() as folder:
        shutil.copyfile(prepared_sqlite(), folder / "foyer.sqlite3")
        run(folder, WITHOUT[removed], "check")
        run(folder, WITHOUT[removed], "migrate", "-v0")
        run(folder, WITHOUT[removed], "shell", "-v0", "-c", VISIT)


@pytest.mark.slow
@pytest.mark.parametrize("removed", WITHOUT)
def test_a_site_can_be_made_without_it(removed: str) -> None:
    with data_folder() as folder:
        run(folder, WITHOUT[removed], "migrate", "-v0")
        run(folder, WITHOUT[removed], "shell", "-v0", "-c", VISIT)
