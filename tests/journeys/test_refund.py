"""A guest gives one of two tickets back, and gets the money: the page, the provider, the mail, and the door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys.steps import choose, codes_in, confirmation_to, pay_on_the_hosted_page, wait_for
from tests.journeys.test_buy import concert as concert
from tests.journeys.test_buy import scans

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from portal.accounts.models import User
    from tests.infra.site import Site

pytestmark = [pytest.mark.browser]


def test_a_guest_gives_one_of_two_tickets_back(page: Page, context: Any, site: Site, concert: Any, ada: User) -> None:
    from marketplace.models import Refund
    from marketplace.services.inventory import change_terms

    change_terms(concert, refund_policy=[{"hours_before": 1, "percent_bps": 5_000}])
    page.goto(concert.url)
    choose(page, "Standing", 2)
    page.get_by_label("Your name").fill("Gesa Guest")
    page.get_by_label("E-mail address").fill("gesa@example.org")
    page.get_by_label("Card").check()
    page.get_by_role("button", name="Buy for €50.00").click()
    pay_on_the_hosted_page(page)
    page.wait_for_url("**/orders/*/")
    codes = codes_in(confirmation_to(site, "gesa@example.org"))

    page.get_by_role("link", name="Ticket 1 of 2: show the code large").click()
    page.get_by_role("link", name="Give this ticket back").click()
    page.get_by_text("€12.50 comes back to you").wait_for()
    page.get_by_role("button", name="Give back for €12.50").click()
    page.get_by_text("€12.50 goes back to you.").wait_for()

    wait_for(lambda: Refund.objects.filter(state="done", amount=1250).exists())
    page.reload()
    page.get_by_role("main").get_by_text("€12.50 went back").wait_for()
    wait_for(lambda: [mail for mail in site.mails() if "Your refund" in mail["subject"]])

    assert scans(context, site, ada, concert, *codes) == ["bad", "good"]
