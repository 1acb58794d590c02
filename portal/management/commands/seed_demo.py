"""`manage.py seed_demo`: fill the site with demo data."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal import extensions
from portal.outbox.services import silence


class Command(BaseCommand):
    help = "Fill the site with demo data. Running it again adds only what is missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--scale", type=int, default=1, help="How many times 200 events (default 1).")

    def handle(self, *args: Any, scale: int, **options: Any) -> None:
        if not 1 <= scale <= 500:
            raise CommandError("--scale takes a whole number from 1 to 500.")
        # Nobody bought these tickets, so nobody is written to.
        with silence():
            for entry in extensions.seeders.entries:
                entry.item(scale=scale, say=lambda line: self.stdout.write(f"  {line}"))
        self.stdout.write(self.style.SUCCESS("Demo data is in place."))
