from typing import Any

from django.core.management.base import BaseCommand

from venues.services.rebuild import rebuild


class Command(BaseCommand):
    help = "Writes the listings that browse and search run on anew, from the published events."

    def handle(self, *args: Any, **options: Any) -> None:
        count = rebuild(say=self.stdout.write)
        self.stdout.write(self.style.SUCCESS(f"{count} events are listed."))
