"""Ada's event with all that belongs to it, what Ben and a guest bought there, and something of Cleo's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from django.apps import apps
from django.db import transaction
from django.test import Client

from marketplace.models import PaymentMethod, Quota
from marketplace.services.cart import open_cart
from marketplace.services.checkout import place_order
from marketplace.services.inventory import add_quota
from marketplace.services.methods import add_method, attach_method
from marketplace.services.pay import start_payment
from marketplace.services.refund import refund_tickets
from marketplace.services.settle import take_cash
from portal.accounts.partners import AppDetails, register_app
from portal.accounts.tokens import issue_tokens
from tests import people
from tests.factories import make_affiliate, make_event, make_order, make_ticket_type

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PEOPLE = ("nobody", "ben", "ada", "cleo", "sam")
# What a request that is refused must leave as it is: all that money, places and accounts hang on.
WATCHED = (
    *("accounts.User", "account.EmailAddress", "venues.Vendor", "venues.EventPage", "venues.EventListing"),
    *("marketplace.Order", "marketplace.OrderLine", "marketplace.Cart", "marketplace.CartLine", "marketplace.Hold"),
    *("marketplace.Payment", "marketplace.Refund", "marketplace.Ticket", "marketplace.LedgerEntry"),
    *("marketplace.Quota", "marketplace.TicketType", "marketplace.EventTerms", "marketplace.PaymentMethod"),
    *("marketplace.Affiliate", "marketplace.AffiliateProgramme", "marketplace.AffiliateRate"),
    *("marketplace.AffiliatePayout", "marketplace.Conversion"),
    *("marketplace.CheckIn", "marketplace.PersonLimit", "marketplace.ProviderEvent"),
    *("oauth2_provider.AccessToken", "oauth2_provider.RefreshToken", "oauth2_provider.Application"),
    *("accounts.PartnerApp", "accounts.Consent", "accounts.TokenFamily"),
    *("oauth2_provider.Grant", "outbox.StoredMessage", "notifications.Notification"),
)
UNWATCHED_FIELDS = {"last_login", "check_at", "session_data", "expire_date"}


@dataclass
class World:
    users: dict[str, Any]
    event: Any
    draft: Any
    kind: Any
    quota: Any
    cash: Any
    order: Any  # Ben's, paid at the door: its tickets are out
    pending: Any  # Ben's, not yet paid
    ticket: Any
    repaid: Any  # Ben's, paid in cash; of which some is to be handed back
    refund: Any
    cart: Any  # Ben's
    guest: Any  # a guest's order, and the token that opens it
    guest_token: str
    cleos: Any  # a ticket type of Cleo's
    cleos_cash: Any
    partner: Any  # an app that Ada develops
    affiliate: Any  # somebody who brings Ada buyers

    @property
    def names(self) -> dict[str, Any]:
        """What stands for each part of an address."""
        return {
            "event_id": self.event.pk,
            "draft_id": self.draft.pk,
            "pk": self.kind.pk,
            "quota": self.quota.pk,
            "cart_id": self.cart.pk,
            "code": self.order.code,
            "pending": self.pending.code,
            "ticket_id": self.ticket.pk,
            "repaid": self.repaid.code,
            "repaid_ticket": self.repaid.tickets.get().pk,
            "refund": self.refund.pk,
            "method_id": self.cash.pk,
            "app_id": self.partner.pk,
            "venue": self.event.venue.pk,
            "vendor": self.affiliate.vendor_id,
            "slug": self.affiliate.vendor.slug,
            "affiliate": self.affiliate.pk,
            "affiliate_code": self.affiliate.code,
            "artist": self.event.lineup.first().artist.pk,
        }

    def browser(self, name: str) -> Client:
        client = Client(raise_request_exception=False)
        if name != "nobody":
            client.force_login(self.users[name], backend=BACKEND)
        return client

    def api(self, name: str, scope: str = "") -> Client:
        if name == "nobody":
            return Client(raise_request_exception=False)
        token = issue_tokens(self.users[name], scope=scope).access_token
        return Client(raise_request_exception=False, headers={"Authorization": f"Bearer {token}"})


def make_world() -> World:
    from tests.factories import make_artist, make_venue

    users = {name: getattr(people, name)() for name in PEOPLE[1:]}
    ada, ben, cleo = (users[name].__class__.objects.get(pk=users[name].pk) for name in ("ada", "ben", "cleo"))
    for user in users.values():
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    vendor = ada.vendor_membership.vendor
    event = make_event(vendor, title="Ada's concert", venue=make_venue(vendor), artists=[make_artist(vendor)])
    kind = make_ticket_type(event, name="Stalls", price=2500, fee=100, capacity=50)
    cash = _method(vendor, event)
    order = place_order(event.pk, items={kind.pk: 2}, email=ben.email, name="Ben", user=ben).order
    start_payment(order, method_id=cash.pk, return_url="")
    order.refresh_from_db()
    guest = place_order(event.pk, items={kind.pk: 1}, email="guest@example.org", name="Guest")
    other = make_event(cleo.vendor_membership.vendor, title="Cleo's party")
    cleos = make_ticket_type(other, name="Floor", price=1000, capacity=5)
    repaid = place_order(event.pk, items={kind.pk: 1}, email=ben.email, name="Ben", user=ben).order
    start_payment(repaid, method_id=cash.pk, return_url="")
    take_cash(repaid, user=ada)
    goodwill = refund_tickets(repaid, as_vendor=True, amount=100, keep_tickets=True)
    return World(
        users=users,
        event=event,
        draft=make_event(vendor, title="Ada's draft", publish=False),
        kind=kind,
        quota=add_quota(event, name="House", capacity=500),
        cash=cash,
        order=order,
        pending=make_order(kind, user=ben, email=ben.email),
        ticket=order.tickets.first(),
        repaid=repaid,
        refund=goodwill.refunds[0],
        cart=open_cart(event, items={kind.pk: 1}, user=ben),
        guest=guest.order,
        guest_token=guest.token,
        cleos=cleos,
        cleos_cash=_method(cleo.vendor_membership.vendor, other),
        partner=register_app(ada, confidential=True, details=AppDetails(name="Ada's app", scopes=["profile"]))[0],
        affiliate=make_affiliate(vendor),
    )


def _method(vendor: Any, event: Any) -> PaymentMethod:
    method = add_method(vendor, provider="cash", title="At the door")
    attach_method(event, method=method)
    return method


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens within is rolled back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def snapshot() -> dict[str, Any]:
    """Every watched row with all its fields."""
    found = {}
    for label in WATCHED:
        model = apps.get_model(label)
        names = [field.attname for field in model._meta.concrete_fields if field.name not in UNWATCHED_FIELDS]
        found[label] = sorted(model._default_manager.values_list(*names), key=repr)
    return found


def shares_of(world: World) -> Quota:
    return world.kind.quotas.first()
