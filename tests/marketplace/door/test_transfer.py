"""A ticket given to another person: the codes of before are dead, the refund stays, the order stays hidden."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import zxingcpp
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from marketplace.attachments import order_documents
from marketplace.codes import code_of, hand_code
from marketplace.models import Ticket, Transfer
from marketplace.queries import SESSION_KEY
from marketplace.services.admit import check_in
from marketplace.services.refund import cancel_tickets, claims_of
from marketplace.services.transfer import MOST, transfer_ticket
from marketplace.tickets import was_there
from portal.errors import Rejected
from portal.notifications.models import Notification
from portal.notifications.services import send_due
from portal.outbox.delivery import deliver_next, fan_out
from tests import factories

DORA = {"name": "Dora Day", "email": "dora@example.org"}
BASE = "/api/v1"


def refused(ticket: Any, **changes: Any) -> str:
    with pytest.raises(Rejected) as refusal:
        transfer_ticket(ticket, **{**DORA, **changes})
    return refusal.value.code


def again(ticket: Any) -> Any:
    return Ticket.objects.select_related("order", "event").get(pk=ticket.pk)


def deliver_pending() -> None:
    """What the outbox holds."""
    fan_out()
    while deliver_next():
        fan_out()


@pytest.fixture
def given(ticket: Any) -> Any:
    """Ben's first ticket, which Dora has now."""
    transfer_ticket(ticket, **DORA)
    return again(ticket)


@pytest.fixture
def mails(given: Any) -> dict[str, Any]:
    """What was mailed, by its recipient."""
    mail.outbox.clear()
    deliver_pending()
    send_due()
    return {sent.to[0]: sent for sent in mail.outbox if "order" not in sent.subject.lower()}


# ---- what it does


def test_the_codes_of_before_are_dead_at_once(ticket: Any, concert: Any, ada: Any) -> None:
    old, old_hand = code_of(ticket), hand_code(ticket)
    transfer = transfer_ticket(ticket, name="Dora Day", email=" Dora@Example.org ")
    assert (transfer.giver_name, transfer.giver_email, transfer.generation) == ("Ben Brook", "ben@example.org", 2)
    new = again(ticket)
    assert (new.attendee, new.holder_email, new.generation, new.state) == ("Dora Day", "dora@example.org", 2, "valid")
    assert [check_in(concert, code=code, user=ada).result for code in (old, old_hand)] == ["unknown", "unknown"]
    assert check_in(concert, code=code_of(new), user=ada).result == "valid"


def test_it_can_be_given_on_and_back(given: Any, ben: Any) -> None:
    transfer_ticket(given, name="Eve", email="eve@example.org")
    assert again(given).holder_email == "eve@example.org"
    transfer_ticket(again(given), name="Ben Brook", email=ben.email.upper())
    back = again(given)
    assert (back.holder_email, back.generation) == ("", 4)
    assert list(Transfer.objects.values_list("giver_email", "email")) == [
        ("ben@example.org", "dora@example.org"),
        ("dora@example.org", "eve@example.org"),
        ("eve@example.org", "ben@example.org"),
    ]


def test_of_two_at_once_the_second_is_refused(ticket: Any) -> None:
    """Both have read the ticket as it was."""
    transfer_ticket(ticket, **DORA)
    assert refused(ticket, email="eve@example.org") == "ticket-transferred"
    assert again(ticket).holder_email == "dora@example.org"


def test_what_can_not_be_given_away(ticket: Any, cash_order: Any, concert: Any, ada: Any, ben: Any) -> None:
    assert refused(cash_order.tickets.first()) == "ticket-unpaid"
    assert refused(ticket, email=ben.email) == "same-holder"
    check_in(concert, code=code_of(ticket), user=ada)
    assert refused(ticket) == "ticket-used"
    for state in ("canceled", "refunded"):
        Ticket.objects.update(state=state)
        assert refused(ticket) == "ticket-void"
    assert not Transfer.objects.exists()


def test_nor_for_an_event_that_is_over_or_off(ticket: Any, concert: Any) -> None:
    type(concert).objects.update(canceled_at=now())
    assert refused(ticket) == "event-canceled"
    type(concert).objects.update(canceled_at=None, start=now() - timedelta(days=9), end=now() - timedelta(days=8))
    assert refused(ticket) == "event-over"


def test_a_ticket_is_not_given_on_for_ever(ticket: Any) -> None:
    for number in range(MOST):
        transfer_ticket(again(ticket), name="X", email=f"x{number}@example.org")
    assert refused(again(ticket)) == "transfer-limit"


# ---- what both are told


def test_both_are_told(mails: dict[str, Any], given: Any) -> None:
    assert sorted(mails) == ["ben@example.org", "dora@example.org"]
    assert mails["ben@example.org"].subject == "You gave Dora Day a ticket: Night Orchard"
    assert mails["ben@example.org"].attachments == []
    to_dora = mails["dora@example.org"]
    assert to_dora.subject == "A ticket for you: Night Orchard"
    assert [name for name, _content, _type in to_dora.attachments] == ["ticket.pdf", "event.ics"]
    html, _type = to_dora.alternatives[0]
    said = to_dora.body + html + to_dora.attachments[1][1]
    for secret in (given.order.code, "27.50", "25.00", "ben@example.org"):
        assert secret not in said


def test_her_link_shows_her_the_ticket_and_nothing_of_the_order(mails: dict[str, Any], given: Any) -> None:
    link = re.search(r"https?://\S+key=\S+", mails["dora@example.org"].body)
    assert link
    client = Client()
    opened = client.get(link[0])
    assert (opened.status_code, opened["Location"]) == (302, reverse("marketplace:ticket", args=[given.pk]))
    page = client.get(opened["Location"])
    assert page.status_code == 200
    assert "Dora Day" in page.text
    assert hand_code(given) in page.text
    for secret in ("27.50", reverse("marketplace:order", args=[given.order.code]), "Give this ticket back", "refund"):
        assert secret not in page.text
    for name in ("ticket_pdf", "ticket_svg", "ticket_ics"):
        assert client.get(reverse(f"marketplace:{name}", args=[given.pk])).status_code == 200
    assert client.get(reverse("marketplace:order", args=[given.order.code])).status_code == 404
    assert client.get(reverse("marketplace:ticket_refund", args=[given.pk])).status_code == 404
    other = given.order.tickets.exclude(pk=given.pk).get()
    assert client.get(reverse("marketplace:ticket", args=[other.pk])).status_code == 404


def test_her_link_dies_when_she_gives_it_on(mails: dict[str, Any], given: Any) -> None:
    link = re.search(r"https?://\S+key=\S+", mails["dora@example.org"].body)[0]
    client = Client()
    client.get(link)
    transfer_ticket(given, name="Eve", email="eve@example.org")
    page = reverse("marketplace:ticket", args=[given.pk])
    assert client.get(page).status_code == 404
    Client().get(link)
    assert [client.get(link, follow=True).status_code, Client().get(f"{page}?key=forged", follow=True).status_code] == [
        404,
        404,
    ]


def test_the_pdf_has_the_new_code_and_no_price(given: Any) -> None:
    import pypdfium2

    from marketplace.documents import ticket_pdf
    from marketplace.tickets import tickets

    document = pypdfium2.PdfDocument(ticket_pdf(tickets().get(pk=given.pk)))
    text = document[0].get_textpage().get_text_bounded()
    assert ("Dora Day" in text, "27.50" in text, "Changing your mind" in text) == (True, False, False)
    found = zxingcpp.read_barcodes(document[0].render(scale=3).to_pil())
    assert [code.text for code in found] == [code_of(given)]


def test_a_mail_that_is_late_carries_no_documents_of_what_was_given_on(given: Any) -> None:
    deliver_pending()
    transfer_ticket(given, name="Eve", email="eve@example.org")
    mail.outbox.clear()
    send_due()
    (late,) = [sent for sent in mail.outbox if sent.to == ["dora@example.org"]]
    assert late.attachments == []


def test_the_order_is_confirmed_without_what_was_given_away(given: Any) -> None:
    notification = Notification(context={"order_id": given.order_id})
    assert len(order_documents(notification)) == 2  # the other ticket's PDF, and the calendar


# ---- the refund stays the buyer's


def test_the_buyer_can_still_give_it_back_and_she_is_told(given: Any, concert: Any, ada: Any) -> None:
    code = code_of(given)
    assert [claim.left for claim in claims_of(given.order)] == [2750, 2750]
    cancel_tickets(given.order, ticket_ids=[given.pk], as_vendor=True)
    deliver_pending()
    mail.outbox.clear()
    send_due()
    (told,) = [sent for sent in mail.outbox if sent.to == ["dora@example.org"] and "no longer good" in sent.subject]
    assert given.order.code not in told.body
    assert check_in(concert, code=code, user=ada).result in ("canceled", "refunded")


# ---- on the site


def test_the_form_gives_it_away_and_the_buyer_sees_where_it_went(ticket: Any, ben: Any, browser_of: Any) -> None:
    client = browser_of(ben)
    page = reverse("marketplace:ticket", args=[ticket.pk])
    answer = client.post(reverse("marketplace:ticket_transfer", args=[ticket.pk]), DORA, follow=True)
    assert answer.redirect_chain == [(page, 302)]
    assert (again(ticket).holder_email, "Dora Day" in answer.text) == ("dora@example.org", True)
    assert hand_code(again(ticket)) not in answer.text
    assert "Given away" in client.get(reverse("marketplace:order", args=[ticket.order.code])).text
    for name in ("ticket_pdf", "ticket_svg", "ticket_ics"):
        assert client.get(reverse(f"marketplace:{name}", args=[ticket.pk])).status_code == 404
    again_posted = client.post(
        reverse("marketplace:ticket_transfer", args=[ticket.pk]), {**DORA, "email": "e@example.org"}
    )
    assert (again_posted.status_code, again(ticket).holder_email) == (404, "dora@example.org")


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"name": "", "email": "dora@example.org"}, "name"),
        ({"name": "Dora", "email": "dora"}, "email"),
        ({"name": "Dora", "email": "ben@example.org"}, "email"),
        ({"name": "x" * 151, "email": "dora@example.org"}, "name"),
        ({}, "name"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_beside_the_field(ticket: Any, ben: Any, browser_of: Any, data: Any, field: str) -> None:
    answer = browser_of(ben).post(reverse("marketplace:ticket_transfer", args=[ticket.pk]), data)
    assert (answer.status_code, field in answer.context["form"].errors) == (422, True)
    assert '<details class="disclosure screen-only" open>' in answer.text
    assert again(ticket).generation == 1


def test_strangers_and_the_vendor_give_nothing_away(ticket: Any, ada: Any, cleo: Any, browser_of: Any) -> None:
    for client in (browser_of(ada), browser_of(cleo), Client()):
        assert client.post(reverse("marketplace:ticket_transfer", args=[ticket.pk]), DORA).status_code == 404
    assert browser_of(cleo).get(reverse("marketplace:ticket_transfer", args=[ticket.pk])).status_code == 405
    assert again(ticket).generation == 1


def test_a_guest_gives_away_and_so_does_the_new_holder(guest_order: Any) -> None:
    order, _token = guest_order
    ticket, client = order.tickets.get(), Client()
    session = client.session
    session[SESSION_KEY] = [order.code]
    session.save()
    assert client.post(reverse("marketplace:ticket_transfer", args=[ticket.pk]), DORA).status_code == 302
    dora, page = Client(), reverse("marketplace:ticket", args=[ticket.pk])
    from marketplace.links import ticket_link

    dora.get(ticket_link(again(ticket)))
    assert "Give this ticket to somebody else" in dora.get(page).text
    answer = dora.post(
        reverse("marketplace:ticket_transfer", args=[ticket.pk]), {"name": "Eve", "email": "eve@example.org"}
    )
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert (again(ticket).holder_email, dora.get(page).status_code) == ("eve@example.org", 404)


# ---- through the API


@pytest.fixture
def dora(db: None) -> Any:
    """With an account whose address she has confirmed."""
    user = factories.make_user(**DORA)
    EmailAddress.objects.create(user=user, email="Dora@example.org", primary=True, verified=True)
    return user


def path(ticket: Any) -> str:
    return f"{BASE}/tickets/{ticket.pk}"


def give(client: Client, ticket: Any, **headers: str) -> Any:
    return client.post(f"{path(ticket)}/transfer", DORA, content_type="application/json", headers=headers)


def test_the_api_gives_it_away(ticket: Any, ben: Any, dora: Any, api_of: Any) -> None:
    answer = give(api_of(ben, "tickets:book"), ticket)
    assert (answer.status_code, answer.json()) == (
        200,
        {"ticket": {"id": str(ticket.pk), "state": "transferred", "attendee": "Dora Day"}},
    )
    bens = api_of(ben, "tickets:read")
    old = bens.get(path(ticket))
    assert old["X-Ticket-State"] == bens.head(path(ticket))["X-Ticket-State"] == old.json()["state"] == "transferred"
    assert [old.json()[name] for name in ("qr", "pdf", "ics")] == [None, None, None]
    assert [bens.get(path(ticket) + suffix).status_code for suffix in (".pdf", ".ics", "/qr.svg")] == [404] * 3
    doras = api_of(dora, "tickets:read")
    new = doras.get(path(ticket))
    assert (new["X-Ticket-State"], new.json()["qr"]) == ("valid", code_of(again(ticket)))
    assert (new.json()["order"], new.json()["price"]) == (None, None)
    assert [doras.get(path(ticket) + suffix).status_code for suffix in (".pdf", ".ics", "/qr.svg")] == [200] * 3
    assert doras.get(f"{BASE}/orders/{ticket.order.code}").status_code == 404
    assert doras.delete(path(ticket)).status_code in (403, 404)
    assert api_of(dora, "tickets:refund").delete(path(ticket)).status_code == 404


def test_lists_show_tickets_to_who_holds_them(given: Any, ben: Any, dora: Any, api_of: Any) -> None:
    (mine,) = api_of(dora, "tickets:read").get(f"{BASE}/tickets").json()["results"]
    assert (mine["id"], mine["order"], mine["state"]) == (str(given.pk), None, "valid")
    bens = api_of(ben, "tickets:read").get(f"{BASE}/tickets").json()["results"]
    assert [row["id"] for row in bens] == [str(given.order.tickets.exclude(pk=given.pk).get().pk)]
    order = api_of(ben, "tickets:read").get(f"{BASE}/orders/{given.order.code}").json()
    assert sorted((row["state"], row["qr"] is None) for row in order["tickets"]) == [
        ("transferred", True),
        ("valid", False),
    ]


def test_an_address_that_was_not_confirmed_opens_nothing(given: Any, dora: Any, api_of: Any, browser_of: Any) -> None:
    EmailAddress.objects.update(verified=False)
    assert api_of(dora, "tickets:read").get(path(given)).status_code == 404
    assert api_of(dora, "tickets:read").get(f"{BASE}/tickets").json()["results"] == []
    assert browser_of(dora).get(reverse("marketplace:ticket", args=[given.pk])).status_code == 404


def test_who_may_not_and_what_may_not(ticket: Any, ben: Any, ada: Any, cleo: Any, dora: Any, api_of: Any) -> None:
    assert give(Client(), ticket).status_code == 401
    assert give(api_of(cleo, "tickets:book"), ticket).status_code == 404
    assert give(api_of(dora, "tickets:book"), ticket).status_code == 404
    assert give(api_of(ada), ticket).status_code == 403
    assert give(api_of(ben, "tickets:read"), ticket).status_code == 403
    bens = api_of(ben, "tickets:book")
    bad = bens.post(f"{path(ticket)}/transfer", {"email": "x"}, content_type="application/json")
    assert (bad.status_code, [row["pointer"] for row in bad.json()["errors"]]) == (422, ["/name", "/email"])
    assert again(ticket).generation == 1
    assert give(bens, ticket).status_code == 200
    assert (give(bens, ticket).status_code, give(bens, ticket).json()["code"]) == (409, "ticket-transferred")


def test_a_guests_token_and_an_idempotency_key(guest_order: Any) -> None:
    order, token = guest_order
    ticket = order.tickets.get()
    answers = [give(Client(), ticket, **{"Order-Token": token, "Idempotency-Key": "once"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert (answers[1]["Idempotency-Replayed"], Transfer.objects.count()) == ("true", 1)


def test_the_guest_list_names_the_new_holder_and_attendance_is_hers(
    given: Any, concert: Any, ada: Any, ben: Any, dora: Any, browser_of: Any
) -> None:
    rows = browser_of(ada).get(reverse("market_guests", args=[concert.pk]), {"q": "dora@"}).context["guests"]
    assert [(row["name"], row["email"]) for row in rows] == [("Dora Day", "dora@example.org")]
    check_in(concert, code=code_of(given), user=ada)
    assert (was_there(dora, concert.pk), was_there(ben, concert.pk)) == (True, False)
