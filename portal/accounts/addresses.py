"""Where a request comes from, trusting as many proxies as the settings say and no header beyond them."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings


def ip_of(request: Any) -> str:
    """The caller's IP address, or "" where none is known."""
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    if proxies:
        hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if len(hops) >= proxies and (address := _valid(hops[-proxies])):
            return address
    return _valid(request.META.get("REMOTE_ADDR", ""))


def client_address(request: Any) -> str:
    """The caller's address for counting: IPv6 by its /64, which is one household's or one server's."""
    address = ip_of(request)
    if ":" not in address:
        return address or "unknown"
    parsed = IPv6Address(address)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, 64), strict=False).network_address)


def _valid(address: str) -> str:
    if address.count(".") == 3 and address.replace(".", "").isdigit() and address.isascii():
        return address  # the usual case, not worth the parser on each request
    try:
        return str(ip_address(address.strip().partition("%")[0]))
    except ValueError:
        return ""
