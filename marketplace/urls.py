"""Marketplace's pages on the site. Each area adds its own lines."""

from __future__ import annotations

from django.urls import URLPattern, path

from marketplace.views import affiliates, checkout, door, orders, refunds, tickets, webhooks

app_name = "marketplace"

urlpatterns: list[URLPattern] = [
    path("events/<id:event_id>/cart/", checkout.add, name="cart"),
    path("checkout/<uuid:cart_id>/", checkout.checkout, name="checkout"),
    path("checkout/<uuid:cart_id>/more-time/", checkout.more_time, name="more_time"),
    path("checkout/<uuid:cart_id>/give-up/", checkout.give_up, name="give_up"),
    path("orders/<slug:code>/pay/", checkout.pay, name="order_pay"),
    path("orders/<slug:code>/more-time/", checkout.order_more_time, name="order_more_time"),
    path("orders/<slug:code>/return/", checkout.back, name="order_return"),
    path("orders/<slug:code>/refund/", refunds.order_refund, name="order_refund"),
    path("tickets/<uuid:ticket_id>/refund/", refunds.ticket_refund, name="ticket_refund"),
    path("orders/<slug:code>/", orders.order, name="order"),
    path("account/bookings/", orders.bookings, name="bookings"),
    path("tickets/<uuid:ticket_id>/", tickets.ticket, name="ticket"),
    path("tickets/<uuid:ticket_id>/transfer/", tickets.transfer, name="ticket_transfer"),
    path("tickets/<uuid:ticket_id>.pdf", tickets.pdf, name="ticket_pdf"),
    path("tickets/<uuid:ticket_id>.svg", tickets.svg, name="ticket_svg"),
    path("tickets/<uuid:ticket_id>.ics", tickets.ics, name="ticket_ics"),
    path("door/", door.doors, name="doors"),
    path("door/<id:event_id>/", door.door, name="door"),
    path("account/affiliate/", affiliates.home, name="affiliate"),
    path("affiliates/<slug:slug>/", affiliates.programme, name="affiliate_programme"),
    path("via/<slug:code>/", affiliates.via, name="via"),
    path("via/<slug:code>/<id:event_id>/", affiliates.via, name="via_event"),
    path("webhooks/<slug:provider>/", webhooks.webhook, name="webhook"),
    path("webhooks/<slug:provider>/<id:method_id>/", webhooks.webhook, name="webhook"),
]
