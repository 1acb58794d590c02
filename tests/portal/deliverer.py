"""``manage.py deliver_messages`` with the lantern plugin and a subscriber that would show a second delivery.

Run as ``python -m tests.portal.deliverer [--careless] <arguments>``; careless takes messages without claiming them.
"""

import sys
import time
import uuid

from django.conf import settings

settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "tests.plugins.lantern"]


def count(message) -> None:
    """Not idempotent on purpose: one row a delivery. Takes its time where the lantern is bright."""
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    Session.objects.create(
        session_key=f"n-{message.who}-{uuid.uuid4().hex[:8]}", session_data="", expire_date=timezone.now()
    )
    time.sleep(0.005 * message.brightness)


def be_careless() -> None:
    """The control: no claim, and no second look in the transaction that delivers."""
    from django.db import transaction

    from portal.outbox import delivery, services

    def deliver_next() -> bool:
        found = delivery._due().select_related("message").order_by("due_at", "pk").first()
        if found is None:
            return False
        with transaction.atomic():
            delivery._handler(found.subscriber)(delivery.Message.restore(found.message.name, found.message.payload))
            delivery.MessageDelivery.objects.filter(pk=found.pk).update(state="done")
        return True

    services.deliver_next = deliver_next


def main() -> None:
    import django

    django.setup()
    from django.core.management import execute_from_command_line

    from portal import extensions
    from portal.extensions import Subscriber
    from portal.plugins import registering

    with registering("a test"):
        extensions.subscribers.add("count", Subscriber("lantern.Lit", "tests.portal.deliverer.count"))
    arguments = sys.argv[1:]
    if "--careless" in arguments:
        arguments.remove("--careless")
        be_careless()
    execute_from_command_line(["manage.py", "deliver_messages", *arguments])


if __name__ == "__main__":
    main()
