"""Messages: none is lost, each subscriber gets each one once, and a bad subscriber harms no other."""

from __future__ import annotations

import logging
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from freezegun import freeze_time

from portal import extensions
from portal.extensions import Subscriber
from portal.outbox import delivery, services
from portal.outbox.messages import Message
from portal.outbox.models import MessageDelivery, StoredMessage
from tests.plugins.lantern.messages import Lit

State = MessageDelivery.State
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lantern")]

handled: list[str] = []


@pytest.fixture(autouse=True)
def _nothing_handled() -> None:
    handled.clear()


def note(message: Lit) -> None:
    handled.append(message.who)


def fail(message: Lit) -> None:
    Session.objects.create(session_key=f"half-{message.who}", session_data="", expire_date=timezone.now())
    raise ZeroDivisionError("the wick is wet")


def light_another(message: Lit) -> None:
    if message.brightness:
        services.publish(Lit(f"{message.who}'s friend", brightness=0))


def publish(who: str = "Ben") -> StoredMessage:
    with transaction.atomic():
        return services.publish(Lit(who))


def lit() -> list[str]:
    return sorted(Session.objects.filter(session_key__startswith="lit-").values_list("session_key", flat=True))


@pytest.mark.django_db(transaction=True)
def test_a_message_is_published_within_a_transaction_only() -> None:
    with pytest.raises(RuntimeError, match=r"lantern\.Lit must be published inside the transaction"):
        services.publish(Lit("Ben"))
    assert not StoredMessage.objects.exists()


def test_what_is_rolled_back_was_never_published() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        services.publish(Lit("Ben"))
        raise ZeroDivisionError
    assert services.deliver_due() == 0
    assert lit() == []


def test_each_subscriber_gets_each_message_once(contribute) -> None:
    contribute(extensions.subscribers, "note", Subscriber("lantern.Lit", f"{__name__}.note"))
    publish("Ben")
    publish("Ada")
    assert services.deliver_due() == 4
    assert services.deliver_due() == 0
    assert handled == ["Ben", "Ada"]
    assert lit() == ["lit-Ada", "lit-Ben"]
    assert set(MessageDelivery.objects.values_list("state", "attempts", "error")) == {("done", 1, "")}


def test_a_message_without_subscribers_is_over_at_once() -> None:
    from portal.plugins import ExtensionPoint

    ExtensionPoint.all["subscribers"].discard_owner("tests.plugins.lantern")
    message = publish()
    assert services.deliver_due() == 0
    message.refresh_from_db()
    assert message.dispatched_at
    assert not message.deliveries.exists()


def test_a_failing_subscriber_stops_no_other_and_leaves_nothing(contribute, caplog) -> None:
    contribute(extensions.subscribers, "fail", Subscriber("lantern.Lit", f"{__name__}.fail"), order=-1)
    with freeze_time(timezone.now()):  # else the failed one may be due again before the other is done
        publish()
        assert services.deliver_due() == 2
    assert lit() == ["lit-Ben"]
    assert not Session.objects.filter(session_key="half-Ben").exists()
    failed = MessageDelivery.objects.get(subscriber="fail")
    assert (failed.state, failed.attempts, failed.error) == ("waiting", 1, "ZeroDivisionError: the wick is wet")
    assert failed.due_at <= timezone.now() + timedelta(seconds=2)
    assert [(record.levelno, record.subscriber) for record in caplog.records] == [(logging.ERROR, "fail")]


def test_retries_are_spaced_out_and_end_in_a_failed_delivery_that_can_be_replayed(contribute) -> None:
    contribute(extensions.subscribers, "fail", Subscriber("lantern.Lit", f"{__name__}.fail"))
    publish()
    pauses, at = [], timezone.now()
    while True:
        with freeze_time(at):
            services.deliver_due()
        failed = MessageDelivery.objects.get(subscriber="fail")
        if failed.state == State.FAILED:
            break
        pauses.append((failed.due_at - at).total_seconds())
        at = failed.due_at
    assert failed.attempts == len(pauses) + 1 == delivery.MAX_ATTEMPTS
    bounds = [2, 8, 32, 128, 512, 2048, 3600]
    assert all(0 <= pause <= bound for pause, bound in zip(pauses, bounds, strict=True))
    assert sum(pauses) > 60
    with freeze_time(at + timedelta(days=1)):
        assert services.deliver_due() == 0

    out = StringIO()
    call_command("replay_messages", stdout=out)
    assert out.getvalue() == "1 deliveries are due now\n"
    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == ("waiting", 0)


def test_pauses_have_full_jitter() -> None:
    drawn = sorted(delivery.pause_after(5) for _draw in range(400))
    assert drawn[0] < 50
    assert 460 < drawn[-1] <= 512
    assert 200 < drawn[200] < 312


def test_what_a_subscriber_publishes_is_delivered_too(contribute) -> None:
    contribute(extensions.subscribers, "another", Subscriber("lantern.Lit", f"{__name__}.light_another"))
    publish()
    services.deliver_due()
    assert lit() == ["lit-Ben", "lit-Ben's friend"]


def test_a_plugin_installed_later_gets_what_it_never_had(contribute) -> None:
    publish("Ben")
    publish("Ada")
    services.deliver_due()
    contribute(extensions.subscribers, "note", Subscriber("lantern.Lit", f"{__name__}.note"))
    call_command("replay_messages", subscriber="note", name="lantern.Other", stdout=StringIO())
    assert services.deliver_due() == 0
    call_command("replay_messages", subscriber="note", stdout=StringIO())
    assert services.deliver_due() == 2
    assert handled == ["Ben", "Ada"]
    assert services.replay(subscriber="note") == 0
    assert services.replay(subscriber="note", done=True) == 2


def test_replaying_to_nobody_says_so() -> None:
    with pytest.raises(CommandError, match="No subscriber 'nobody' is installed"):
        call_command("replay_messages", subscriber="nobody")


def test_a_removed_subscriber_and_a_removed_message_become_visible_failures(contribute) -> None:
    contribute(extensions.subscribers, "note", Subscriber("lantern.Lit", f"{__name__}.note"))
    publish()
    delivery.fan_out()
    extensions.subscribers.discard_owner("a test")
    StoredMessage.objects.create(name="lantern.Forgotten", payload={}, dispatched_at=timezone.now()).deliveries.create(
        subscriber="lantern.lit"
    )
    services.deliver_due()
    errors = set(MessageDelivery.objects.exclude(error="").values_list("error", flat=True))
    assert errors == {
        "LookupError: No subscriber 'note' is installed.",
        "LookupError: No installed app has the message 'lantern.Forgotten'.",
    }


def test_messages_stored_by_an_older_or_newer_version_are_understood() -> None:
    assert Message.restore("lantern.Lit", {"who": "Ben"}) == Lit("Ben", brightness=1)
    assert Message.restore("lantern.Lit", {"who": "Ben", "brightness": 3, "colour": "red"}) == Lit("Ben", brightness=3)


def test_two_messages_can_not_have_one_name() -> None:
    from django.core.exceptions import ImproperlyConfigured

    with pytest.raises(ImproperlyConfigured, match=r"test_outbox.*'lantern\.Lit' exists already, in tests\.plugins"):
        type("Other", (Message,), {"name": "lantern.Lit", "__module__": __name__})
    assert Message.types["lantern.Lit"] is Lit


def test_a_process_that_dies_while_delivering_delays_it_by_seconds(monkeypatch) -> None:
    publish()
    delivery.fan_out()
    claimed = delivery._claim()  # and nothing more: the process is gone
    assert claimed is not None
    assert services.deliver_due() == 0
    with freeze_time(timezone.now() + delivery.LEASE + timedelta(seconds=1)):
        assert services.deliver_due() == 1
    assert lit() == ["lit-Ben"]
    delivery._handle(claimed)  # the first process was only slow: too late now
    assert MessageDelivery.objects.values_list("state", "attempts").get() == ("done", 2)
    assert lit() == ["lit-Ben"]


def test_old_messages_are_forgotten_once_everyone_had_them(settings) -> None:
    old = timezone.now() - timedelta(days=settings.OUTBOX_KEEP_DAYS + 1)
    with freeze_time(old):
        publish("Ada")
        stuck = publish("Ben")
        services.deliver_due()
    stuck.deliveries.update(state=State.FAILED)
    recent = publish("Cleo")
    services.deliver_due()
    assert services.purge() == 1
    assert set(StoredMessage.objects.all()) == {stuck, recent}
