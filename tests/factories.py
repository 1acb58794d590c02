"""Makes what tests need, through the services that the product itself uses. One heading for each app.

Every factory has a default for what a test does not care about.
"""

from __future__ import annotations

import io
from datetime import timedelta
from itertools import count
from typing import Any

from django.core.files.base import ContentFile
from django.utils.timezone import now
from PIL import Image as Picture

from portal.accounts.models import User
from venues.models import Vendor

_number = count(1)


# ---- accounts


def make_user(*, email: str = "", name: str = "", password: str = "correct-horse-battery", **fields: Any) -> User:
    number = next(_number)
    email = email or f"person{number}@example.org"
    return User.objects.create_user(email, password, name=name or f"Person {number}", **fields)


# ---- venues


def make_vendor(user: User | None = None, *, name: str = "", **fields: Any) -> Vendor:
    from venues.services.vendors import create_vendor

    return create_vendor(user or make_user(), name=name or f"Vendor {next(_number)}", **fields)


def make_event(
    vendor: Vendor | None = None, *, title: str = "", days: float = 30, publish: bool = True, **fields: Any
) -> Any:
    """A concert of three hours that starts in `days` days."""
    from venues.services.events import create_event

    fields.setdefault("type", "concert")
    fields.setdefault("timezone", "Europe/Berlin")
    fields.setdefault("start", now() + timedelta(days=days))
    fields.setdefault("end", fields["start"] + timedelta(hours=3))
    title = title or f"Event {next(_number)}"
    return create_event(vendor or make_vendor(), title=title, publish=publish, **fields)


def make_venue(vendor: Vendor | None = None, *, title: str = "", publish: bool = True, **fields: Any) -> Any:
    """A hall in Berlin."""
    from venues.services.pages import create_venue

    fields = {"address": "Lindenstr. 1", "city": "Berlin", "country": "DE", "timezone": "Europe/Berlin", **fields}
    return create_venue(vendor, title=title or f"Hall {next(_number)}", publish=publish, **fields)


def make_artist(vendor: Vendor | None = None, *, title: str = "", publish: bool = True, **fields: Any) -> Any:
    from venues.services.pages import create_artist

    return create_artist(vendor, title=title or f"Artist {next(_number)}", publish=publish, **fields)


def make_image(vendor: Vendor | None = None, *, title: str = "", colour: str = "#cc2244") -> Any:
    """A picture of one colour, in the vendor's collection."""
    from wagtail.images import get_image_model

    out = io.BytesIO()
    Picture.new("RGB", (60, 80), colour).save(out, "PNG")
    title = title or f"Picture {next(_number)}"
    fields = {"collection": vendor.collection} if vendor else {}
    file = ContentFile(out.getvalue(), name=f"{title}.png".replace(" ", "-"))
    return get_image_model().objects.create(title=title, file=file, **fields)


def make_document(vendor: Vendor | None = None, *, title: str = "") -> Any:
    from wagtail.documents import get_document_model

    title = title or f"Document {next(_number)}"
    fields = {"collection": vendor.collection} if vendor else {}
    file = ContentFile(b"A list of songs.", name=f"{title}.txt".replace(" ", "-"))
    return get_document_model().objects.create(title=title, file=file, **fields)


# ---- marketplace


def make_ticket_type(event: Any = None, *, price: int = 2500, capacity: int | None = 100, **fields: Any) -> Any:
    """A ticket type of `event` with a quota of its own, unless `quotas` are given."""
    from marketplace.services.inventory import add_ticket_type

    capacity = None if fields.get("quotas") else capacity
    name = fields.pop("name", f"Ticket {next(_number)}")
    return add_ticket_type(event or make_event(), name=name, price=price, capacity=capacity, **fields)


def make_order(kind: Any = None, *, quantity: int = 1, **fields: Any) -> Any:
    """A pending order, or a paid one where the tickets are free."""
    from marketplace.services.checkout import place_order

    kind = kind or make_ticket_type()
    fields.setdefault("email", f"buyer{next(_number)}@example.org")
    return place_order(kind.event_id, items={kind.pk: quantity}, **fields).order


def make_payment(order: Any, *, provider: str = "stripe", **fields: Any) -> Any:
    """A payment of the order's total that its provider has yet to tell of."""
    from marketplace.models import Payment

    fields = {"amount": order.total, "currency": order.currency, **fields}
    return Payment.objects.create(order=order, provider=provider, **fields)


def pay(order: Any, **update: Any) -> Any:
    """The settlement of a payment of the order's total that succeeded."""
    from marketplace.extensions import PaymentUpdate
    from marketplace.services.settle import settle_payment

    payment = make_payment(order)
    return settle_payment(payment.key, PaymentUpdate(str(payment.key), "succeeded", **update))


def make_affiliate(vendor: Any, user: Any = None) -> Any:
    """An affiliate of `vendor`, who gives 10 % to everybody."""
    from marketplace.services.affiliate import join, save_programme

    save_programme(vendor, commission_bps=1000, cookie_days=30, admission="open")
    return join(vendor, user=user or make_user())
