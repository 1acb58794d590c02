"""The kernel's jobs: what has to be done by the clock, and what may be forgotten."""

from __future__ import annotations

import logging

from django.core.management import call_command

from portal.notifications import services as notifications
from portal.outbox import services as outbox

log = logging.getLogger(__name__)


def publish_scheduled() -> None:
    """Publish and take back the pages whose time has come."""
    call_command("publish_scheduled")


def purge() -> None:
    """Forget what is over: delivered messages, old notifications, dead sessions. Tokens and keys have their own jobs."""
    log.info("purged %s messages and %s notifications", outbox.purge(), notifications.purge())
    call_command("clearsessions")
