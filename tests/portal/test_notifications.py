"""Notifications: each person is told each fact once, and a mail server that is away delays it only."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone
from django_q.models import OrmQ
from freezegun import freeze_time

from portal import extensions
from portal.extensions import Notice
from portal.notifications import services
from portal.notifications.models import Delivery, Notification
from portal.notifications.services import notify, send, send_due

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lantern")]


def tell(**changes: Any) -> Notification:
    return notify(
        **{"kind": "lantern.lit", "cause": "lantern:1", "to": "Ben@Example.org", "context": {"who": "Ben"}} | changes
    )


@pytest.fixture(autouse=True)
def _nothing_enqueued(db: None) -> None:
    OrmQ.objects.all().delete()  # migrating enqueued the indexing of the first pages


def late_attachment(notification: Notification) -> list[services.Attachment]:
    return [("light.txt", notification.context["who"].encode(), "text/plain")]


class Broken:
    def deliver(self, notification: Notification) -> None:
        raise ConnectionRefusedError("the mail server is away")


def test_a_mail_has_subject_text_html_and_says_where_it_is_from() -> None:
    tell()
    assert mail.outbox == []
    assert send_due() == 1
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["ben@example.org"], "A lantern for Ben")
    assert sent.body.startswith("A lantern was lit for Ben.\n\n-- \nFoyer")
    (html, mimetype), *_none = sent.alternatives
    assert mimetype == "text/html"
    assert "<p>A lantern was lit for Ben.</p>" in html
    assert "<title>A lantern for Ben</title>" in html
    assert Delivery.objects.get().state == "sent"


def test_each_fact_is_told_once() -> None:
    tell()
    tell(context={"who": "somebody else"})
    assert send_due() == 1
    tell()
    assert send_due() == 0
    tell(cause="lantern:2")
    tell(to="ada@example.org")
    assert send_due() == 2
    assert [sent.to[0] for sent in mail.outbox] == ["ben@example.org", "ben@example.org", "ada@example.org"]


def test_html_is_escaped_and_headers_have_one_line() -> None:
    tell(context={"who": "<b>Ben</b>\r\nBcc: all@example.org"})
    assert send_due() == 1
    (sent,) = mail.outbox
    message: EmailMessage = sent.message()
    assert message["Bcc"] is None
    assert "<b>Ben</b>" not in sent.alternatives[0][0]
    assert "<b>Ben</b>" in sent.body


def test_a_person_can_be_named(ben) -> None:
    notification = tell(user=ben, to=ben.email)
    assert list(ben.notifications.all()) == [notification]


def test_attachments_come_from_bytes_or_from_a_function() -> None:
    tell(attachments=[("ticket.pdf", b"%PDF-\xff", "application/pdf")])
    tell(cause="late", attachments=f"{__name__}.late_attachment")
    send_due()
    first, second = mail.outbox
    assert first.attachments == [("ticket.pdf", b"%PDF-\xff", "application/pdf")]
    assert [tuple(attachment) for attachment in second.attachments] == [("light.txt", "Ben", "text/plain")]


def test_what_a_mail_says_is_encrypted_where_it_is_stored() -> None:
    tell(context={"who": "Ben", "link": "https://example.org/orders/X?token=s3cr3t"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT context FROM notifications_notification")
        ((stored,),) = cursor.fetchall()
    assert "s3cr3t" not in stored


def test_an_unknown_kind_is_the_callers_mistake() -> None:
    with pytest.raises(KeyError):
        tell(kind="lantern.unknown")
    assert not Notification.objects.exists()


def test_it_is_sent_soon_and_not_at_all_if_its_cause_is_rolled_back() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        tell()
        raise ZeroDivisionError
    assert (Notification.objects.count(), OrmQ.objects.count()) == (0, 0)
    tell()
    (row,) = OrmQ.objects.all()
    assert (row.task["func"], row.task["args"]) == ("portal.notifications.services.send", (Delivery.objects.get().pk,))


def test_a_task_that_runs_twice_sends_once() -> None:
    tell()
    pk = Delivery.objects.get().pk
    assert [send(pk), send(pk)] == [True, False]
    assert len(mail.outbox) == 1


def test_a_worker_that_dies_while_sending_delays_the_mail() -> None:
    tell()
    pk = Delivery.objects.get().pk
    services._claim(pk)  # and nothing more
    assert send_due() == 0
    with freeze_time(timezone.now() + services.LEASE + timedelta(seconds=1)):
        assert send_due() == 1
    assert len(mail.outbox) == 1


def test_a_mail_server_that_is_away_delays_the_mail(contribute, caplog) -> None:
    contribute(extensions.channels, "broken", Broken())
    contribute(extensions.notices, "test.both", Notice("Both", "lantern", channels=("broken", "email")))
    tell(kind="test.both")
    assert send_due() == 1
    broken = Delivery.objects.get(channel="broken")
    assert (broken.state, broken.attempts) == ("waiting", 1)
    assert broken.error == "ConnectionRefusedError: the mail server is away"
    assert broken.due_at > timezone.now() - timedelta(seconds=1)
    assert len(mail.outbox) == 1
    assert "failed, attempt 1 of 10" in caplog.text


def test_after_its_last_attempt_it_is_a_visible_failure(contribute) -> None:
    contribute(extensions.channels, "broken", Broken())
    contribute(extensions.notices, "test.broken", Notice("Broken", "lantern", channels=("broken",)))
    tell(kind="test.broken")
    Delivery.objects.update(attempts=services.MAX_ATTEMPTS - 1)
    send_due()
    assert list(services.failed()) == [Delivery.objects.get(state="failed")]
    assert services.reset(services.failed()) == 1
    assert Delivery.objects.values_list("state", "attempts").get() == ("waiting", 0)


def test_attempts_carry_one_message_id() -> None:
    tell()
    pk = Delivery.objects.get().pk
    send(pk)
    Delivery.objects.update(state="waiting", due_at=timezone.now())
    send(pk)
    first, second = (sent.extra_headers["Message-ID"] for sent in mail.outbox)
    assert first == second
    assert first.endswith("@localhost>")


def test_old_notifications_are_forgotten() -> None:
    with freeze_time(timezone.now() - services.KEEP - timedelta(days=1)):
        tell()
    recent = tell(cause="recent")
    assert services.purge() == 1
    assert list(Notification.objects.all()) == [recent]
