"""Scheduled work of venues."""

from django.core.management import call_command


def publish_scheduled() -> None:
    """Publish and withdraw the pages whose time has come. Twice changes nothing."""
    call_command("publish_scheduled")
