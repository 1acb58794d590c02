"""Notifications by e-mail."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from portal import extensions
from portal.notifications.models import Notification
from portal.notifications.services import attachments_of


class EmailChannel:
    """Draws ``notices/<template>.subject.txt``, ``.txt`` and ``.html``, and hands the mail to Django's backend."""

    def deliver(self, notification: Notification) -> None:
        with translation.override(_language(notification)):
            mail = compose(notification)
        for name, content, mimetype in attachments_of(notification):
            mail.attach(name, content, mimetype)
        mail.send()


def compose(notification: Notification) -> EmailMultiAlternatives:
    """The mail, without its attachments."""
    subject, text = words_of(notification)
    mail = EmailMultiAlternatives(
        subject=subject,
        body=text,
        to=[notification.recipient],
        headers={"Message-ID": _message_id(notification), "Auto-Submitted": "auto-generated"},
    )
    html = render_to_string(f"{_template(notification)}.html", {**mail_context(notification), "subject": subject})
    mail.attach_alternative(html, "text/html")
    return mail


def words_of(notification: Notification) -> tuple[str, str]:
    """The subject, and the text, in the language that is active."""
    template, context = _template(notification), mail_context(notification)
    subject = " ".join(render_to_string(f"{template}.subject.txt", context).split())
    return subject, render_to_string(f"{template}.txt", {**context, "subject": subject})


def _template(notification: Notification) -> str:
    return f"notices/{extensions.notices[notification.kind].template}"


def mail_context(notification: Notification) -> dict[str, Any]:
    """What every mail's template can use beside its own context."""
    return {
        **notification.context,
        "notification": notification,
        "user": notification.user,
        "site_name": settings.WAGTAIL_SITE_NAME,
        "base_url": settings.BASE_URL,
    }


def _language(notification: Notification) -> str:
    return notification.user.language if notification.user else settings.LANGUAGE_CODE


def _message_id(notification: Notification) -> str:
    """The same for every attempt, so that a mail that was sent twice is shown once."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or urlsplit(settings.BASE_URL).hostname
    return f"<notification.{notification.pk}.{notification.created_at:%Y%m%d%H%M%S%f}@{domain}>"
