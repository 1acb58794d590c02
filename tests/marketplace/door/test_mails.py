"""What is mailed when an order is confirmed, and when money goes back."""

from __future__ import annotations

import re
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from django.core import mail
from django.test import Client
from icalendar import Calendar

from marketplace.codes import code_of
from marketplace.extensions import PaymentUpdate
from marketplace.messages import OrderConfirmed, PaymentRefused, RefundFailed
from marketplace.models import Order, Refund
from marketplace.services.admit import check_in
from marketplace.services.settle import settle_refund
from marketplace.subscribers import send_confirmation, send_refusal, tell_of_failed_refund
from tests import factories


def parts(message: Any) -> dict[str, bytes]:
    return {
        part.get_filename(): part.get_payload(decode=True) for part in message.message().walk() if part.get_filename()
    }


def html(message: Any) -> str:
    return next(str(content) for content, mimetype in message.alternatives if mimetype == "text/html")


@pytest.fixture
def deliver(django_capture_on_commit_callbacks: Any) -> Any:
    """Run a subscriber as the outbox does, and then what it had enqueued; the mails that went out."""

    def run(handler: Any, message: Any) -> list[Any]:
        from portal.notifications.services import send_due

        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            handler(message)
        send_due()
        return list(mail.outbox)

    return run


def test_the_confirmation_has_a_pdf_for_each_ticket_and_the_calendar_entry(order: Any, deliver: Any) -> None:
    (message,) = deliver(send_confirmation, OrderConfirmed(order.pk))
    assert message.to == ["ben@example.org"]
    attached = parts(message)
    assert list(attached) == [f"ticket-{order.code}-1.pdf", f"ticket-{order.code}-2.pdf", f"{order.code}.ics"]
    for place, ticket in enumerate(order.tickets.all(), start=1):
        picture = pypdfium2.PdfDocument(attached[f"ticket-{order.code}-{place}.pdf"])[0].render(scale=2).to_pil()
        assert [found.text for found in zxingcpp.read_barcodes(picture)] == [code_of(ticket)]
    (event,) = Calendar.from_ical(attached[f"{order.code}.ics"]).walk("VEVENT")
    assert str(event["SUMMARY"]) == "Night Orchard"


def test_the_mailed_code_is_admitted_once(order: Any, deliver: Any, concert: Any, ada: Any) -> None:
    (message,) = deliver(send_confirmation, OrderConfirmed(order.pk))
    picture = pypdfium2.PdfDocument(parts(message)[f"ticket-{order.code}-1.pdf"])[0].render(scale=2).to_pil()
    code = zxingcpp.read_barcodes(picture)[0].text
    assert [check_in(concert, code=code, user=ada).result for _ in range(2)] == ["valid", "used"]


def test_text_and_html_say_the_same(order: Any, deliver: Any) -> None:
    (message,) = deliver(send_confirmation, OrderConfirmed(order.pk))
    assert "Night Orchard" in message.subject
    assert order.code in message.subject
    for body in (message.body, html(message)):
        for part in (
            "Night Orchard",
            "Kantine am Ufer",
            "Standing",
            "€55.00",
            order.code,
            "No refunds",
            f"/orders/{order.code}/",
        ):
            assert part in body
        assert "token=" not in body


def test_it_is_sent_once_however_often_the_message_comes(order: Any, deliver: Any) -> None:
    assert len(deliver(send_confirmation, OrderConfirmed(order.pk))) == 1
    assert deliver(send_confirmation, OrderConfirmed(order.pk)) == []


def test_cash_orders_say_what_to_pay_at_the_door(cash_order: Any, deliver: Any) -> None:
    (message,) = deliver(send_confirmation, OrderConfirmed(cash_order.pk))
    assert "pay at the door" in message.subject
    assert "TO PAY AT THE DOOR: €55.00" in message.body
    assert "€55.00 to pay at the door" in html(message)


def test_a_guests_mail_opens_the_order_without_an_account(guest_order: Any, deliver: Any) -> None:
    order, _token = guest_order
    (message,) = deliver(send_confirmation, OrderConfirmed(order.pk))
    (link,) = set(re.findall(rf"http\S+/orders/{order.code}/\?token=[\w:.-]+", message.body))
    client = Client()
    path = "/" + link.split("/", 3)[3]
    assert client.get(f"/orders/{order.code}/").status_code == 404
    opened = client.get(path)
    assert opened.status_code == 302
    assert opened["Location"] == f"/orders/{order.code}/"
    assert client.get(opened["Location"]).status_code == 200


def test_hostile_names_are_escaped_in_html_and_whole_in_text(kind: Any, concert: Any, deliver: Any) -> None:
    from venues.models import EventPage

    EventPage.objects.filter(pk=concert.pk).update(title="Rock & <b>Roll</b>")
    order = factories.make_order(kind, name="<script>alert(1)</script>")
    factories.pay(order)
    (message,) = deliver(send_confirmation, OrderConfirmed(order.pk))
    assert "<script>" not in html(message)
    assert "Rock &amp; &lt;b&gt;Roll" in html(message)
    assert "Rock & <b>Roll</b>" in message.body
    assert "Rock & <b>Roll</b>" in message.subject


def test_a_line_break_in_a_title_makes_no_header(kind: Any, concert: Any, deliver: Any) -> None:
    from venues.models import EventPage

    EventPage.objects.filter(pk=concert.pk).update(title="Night\r\nBcc: everyone@example.org")
    order = factories.make_order(kind)
    factories.pay(order)
    (message,) = deliver(send_confirmation, OrderConfirmed(order.pk))
    assert message.message()["Bcc"] is None
    assert message.recipients() == [order.email]


def test_money_that_came_too_late_is_told_of_once(kind: Any, ben: Any, deliver: Any) -> None:
    order = factories.make_order(kind, user=ben, email=ben.email)
    Order.objects.filter(pk=order.pk).update(state=Order.State.CANCELED)
    assert factories.pay(order).outcome == "refund_due"
    payment = order.payments.get()
    (message,) = deliver(send_refusal, PaymentRefused(payment.pk))
    assert "goes back" in message.subject
    assert parts(message) == {}
    for body in (message.body, html(message)):
        assert "€27.50" in body
        assert order.code in body
        assert "canceled already" in body
    assert deliver(send_refusal, PaymentRefused(payment.pk)) == []


def test_a_second_payment_goes_back_and_nobody_fears_for_the_tickets(order: Any, concert: Any, deliver: Any) -> None:
    from venues.models import EventPage

    EventPage.objects.filter(pk=concert.pk).update(title="Rock & <b>Roll</b>")
    assert factories.pay(order).outcome == "refund_due"
    (message,) = deliver(send_refusal, PaymentRefused(order.payments.latest("pk").pk))
    for body in (message.body, html(message)):
        assert "Your tickets stay as they are." in body
        assert "given back" not in body
        assert "come free again" not in body
    assert "order for Rock & <b>Roll</b> was paid" in message.body
    assert "order for Rock &amp; &lt;b&gt;Roll&lt;/b&gt; was paid" in html(message)


def test_a_refund_that_failed_is_told_to_everyone_at_the_vendor_once(
    order: Any, ada: Any, ada_vendor: Any, deliver: Any
) -> None:
    ada_vendor.memberships.create(user=factories.make_user(email="alma@example.org", name="Alma"))
    assert factories.pay(order).outcome == "refund_due"
    refund = Refund.objects.get()
    key = str(refund.key)
    settle_refund(key, PaymentUpdate(key, "failed", kind="refund", failure="<b>account closed</b>"))
    sent = deliver(tell_of_failed_refund, RefundFailed(refund.pk, key))
    assert sorted(message.to[0] for message in sent) == ["ada@example.org", "alma@example.org"]
    for message in sent:
        for part in ("€55.00", "Ben Brook", "ben@example.org", order.code, f"/orders/{order.code}/"):
            assert part in message.body
            assert part in html(message)
        assert "<b>account closed</b>" in message.body
        assert "&lt;b&gt;account closed" in html(message)
    assert deliver(tell_of_failed_refund, RefundFailed(refund.pk, key)) == []
