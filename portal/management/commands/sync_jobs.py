"""Make the schedule what the installed plugins say."""

from typing import Any

from django.core.management.base import BaseCommand

from portal.jobs import sync_jobs


class Command(BaseCommand):
    help = "Write the plugins' jobs into the schedule of the task worker. Also done after each migrate."

    def handle(self, *_args: Any, **_options: Any) -> None:
        for key in sync_jobs():
            self.stdout.write(key)
