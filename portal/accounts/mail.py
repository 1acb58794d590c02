"""Mails about accounts (confirm an address, reset a password), sent by a worker.

What waits in the task table is encrypted, because the mails hold keys that open accounts.
"""

from __future__ import annotations

import json

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives

from portal.encryption import cipher
from portal.jobs import enqueue


def send_later(mail: EmailMessage) -> None:
    """Have a worker send `mail`, once the current transaction has committed."""
    html = [str(part[0]) for part in getattr(mail, "alternatives", []) if part[1] == "text/html"]
    told = {"subject": mail.subject, "body": mail.body, "html": html[0] if html else "", "to": list(mail.to)}
    enqueue("portal.accounts.mail.send_sealed", cipher().encrypt(json.dumps(told).encode()).decode())


def send_sealed(sealed: str) -> None:
    """Send what `send_later` sealed. Raises when the mail server fails, so that the task is tried again."""
    told = json.loads(cipher().decrypt(sealed.encode()))
    mail = EmailMultiAlternatives(told["subject"], told["body"], settings.DEFAULT_FROM_EMAIL, told["to"])
    if told["html"]:
        mail.attach_alternative(told["html"], "text/html")
    mail.send()
