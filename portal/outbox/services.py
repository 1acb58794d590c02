"""Publish messages, and bring them to their subscribers."""

from django.db import transaction

from portal.outbox.messages import Message
from portal.outbox.models import StoredMessage


def publish(message: Message) -> StoredMessage:
    """Store `message` in the current transaction; its subscribers get it after the commit."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"{message.name} must be published inside the transaction of what it tells of.")
    return StoredMessage.objects.create(name=message.name, payload=message.payload())
