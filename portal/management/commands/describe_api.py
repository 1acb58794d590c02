"""Write the API's description into the repository, where changes of it are seen in review."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from portal.api.checked_in import CURRENT, RELEASED, text_of


class Command(BaseCommand):
    help = "Write docs/api/openapi.json; with --release also what later changes are compared with."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--release", action="store_true", help="The description is released as it is now.")

    def handle(self, *args: Any, **options: Any) -> None:
        for path in (CURRENT, RELEASED) if options["release"] else (CURRENT,):
            path.write_text(text_of())
            self.stdout.write(f"Wrote {path.relative_to(settings.BASE_DIR)}")
