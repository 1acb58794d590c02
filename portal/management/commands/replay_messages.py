"""Deliver messages again."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.outbox.services import replay


class Command(BaseCommand):
    help = (
        "Deliver again what failed, and to a subscriber what it never had (such as all from before it was installed)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--subscriber", default="", help="Only to this subscriber, with what it never had.")
        parser.add_argument("--name", default="", help='Only messages of this type, such as "marketplace.OrderPaid".')
        parser.add_argument("--done", action="store_true", help="Also what was delivered well.")

    def handle(self, *_args: Any, subscriber: str, name: str, done: bool, **_options: Any) -> None:
        try:
            count = replay(subscriber=subscriber, name=name, done=done)
        except LookupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{count} deliveries are due now")
