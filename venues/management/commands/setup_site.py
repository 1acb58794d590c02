from typing import Any

from django.core.management.base import BaseCommand

from venues.services.tree import ensure_tree


class Command(BaseCommand):
    help = "Makes what is missing of the site's fixed pages and event types. `migrate` does so too."

    def handle(self, *args: Any, **options: Any) -> None:
        root = ensure_tree()
        self.stdout.write(self.style.SUCCESS(f"The site's pages stand below “{root.title}”."))
