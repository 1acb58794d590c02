"""Staff's page of failed deliveries: superusers see what failed and why, and have it tried again."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.urls import reverse

from portal.notifications.models import Delivery, Notification
from portal.outbox import services
from portal.outbox.models import MessageDelivery
from tests.plugins.lantern.messages import Lit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lantern")]


@pytest.fixture
def failures() -> list[MessageDelivery]:
    with transaction.atomic():
        messages = [services.publish(Lit(who)) for who in ("Ben", "Ada")]
    return [
        message.deliveries.create(
            subscriber="lantern.lit", state="failed", attempts=8, error=f"<b>{message.pk}</b> wet"
        )
        for message in messages
    ]


@pytest.fixture
def failed_notice() -> Delivery:
    notification = Notification.objects.create(kind="lantern.lit", cause="lantern:1", recipient="ben@example.org")
    return notification.deliveries.create(channel="email", state="failed", attempts=10, error="no mail server")


def url() -> str:
    return reverse("portal_failed_deliveries")


def test_an_empty_page_says_what_it_is_for(sam, browser_of) -> None:
    page = browser_of(sam).get(url())
    assert page.status_code == 200
    assert "Everything has been delivered." in page.content.decode()


def test_it_shows_what_failed_and_why_but_no_address(sam, browser_of, failures, failed_notice) -> None:
    page = browser_of(sam).get(url()).content.decode()
    assert f"&lt;b&gt;{failures[0].message_id}&lt;/b&gt; wet" in page
    assert "no mail server" in page
    assert "ben@example.org" not in page


def test_one_is_tried_again(sam, browser_of, failures) -> None:
    answer = browser_of(sam).post(url(), {"delivery": failures[0].pk}, follow=True)
    assert "1 delivery is tried again now." in answer.content.decode()
    assert list(MessageDelivery.objects.order_by("pk").values_list("state", "attempts")) == [
        ("waiting", 0),
        ("failed", 8),
    ]


def test_all_are_tried_again(sam, browser_of, failures, failed_notice) -> None:
    browser = browser_of(sam)
    browser.post(url(), {"delivery": "all"})
    browser.post(url(), {"notice": str(failed_notice.pk)})
    assert set(MessageDelivery.objects.values_list("state", flat=True)) == {"waiting"}
    failed_notice.refresh_from_db()
    assert failed_notice.state == "waiting"


@pytest.mark.parametrize("choice", ["", "none", "-1", "9" * 30, "1 OR 1=1", "٣"])
def test_nonsense_changes_nothing(sam, browser_of, failures, choice: str) -> None:
    assert browser_of(sam).post(url(), {"delivery": choice}).status_code == 302
    assert set(MessageDelivery.objects.values_list("state", flat=True)) == {"failed"}


@pytest.mark.parametrize("person", ["ada", "ben", "cleo"])
def test_nobody_else_sees_or_changes_it(request, browser_of, failures, person: str) -> None:
    browser = browser_of(request.getfixturevalue(person))
    assert browser.get(url()).status_code in (302, 403, 404)
    assert browser.post(url(), {"delivery": "all"}).status_code in (302, 403, 404)
    assert set(MessageDelivery.objects.values_list("state", flat=True)) == {"failed"}


def test_a_visitor_is_sent_to_sign_in(client, failures) -> None:
    assert client.get(url()).status_code == 302
