"""Bring messages to their subscribers until told to stop."""

from __future__ import annotations

import logging
import signal
from argparse import ArgumentParser
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection

from portal.outbox.services import deliver_due

log = logging.getLogger(__name__)

POLL = 0.5  # seconds between looks at an idle outbox
AFTER_AN_OUTAGE = 2.0  # seconds


class Command(BaseCommand):
    help = "Deliver the outbox's messages to their subscribers, until SIGTERM or Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="Deliver what is due, and exit.")

    def handle(self, *_args: Any, once: bool, **_options: Any) -> None:
        if once:
            self.stdout.write(f"{deliver_due()} deliveries tried")
            return
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_signal: stop.set())
        log.info("delivering messages")
        while not stop.wait(_deliver(stop)):
            pass
        connection.close()
        log.info("stopped delivering messages")


def _deliver(stop: Event) -> float:
    """Deliver what is due. Returns how long to wait before the next look, in seconds."""
    try:
        deliver_due(stop=stop.is_set)
    except DatabaseError as error:
        log.warning("the database can't be reached: %s", error)
        connection.close()
        return AFTER_AN_OUTAGE
    return POLL
