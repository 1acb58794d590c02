"""Keeps venues' lists true to what is on sale."""

from __future__ import annotations

from typing import Any

from marketplace.services.sales import push_sales


def follow_stock(message: Any) -> None:
    """After StockChanged, and after ListingMade: a page that goes live may be on sale already."""
    push_sales(message.event_id)
