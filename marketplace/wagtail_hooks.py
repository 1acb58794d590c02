"""What marketplace adds to the admin. Each area has a module of its own, loaded here."""

from marketplace import admin, admin_market, admin_payments, guards  # noqa: F401
