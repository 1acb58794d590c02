"""Text for spreadsheets that no spreadsheet takes for a formula."""

from __future__ import annotations

from typing import Any

# OWASP, "CSV Injection": a cell that starts with one of these is executed when the file is opened.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # the last four: full-width


def harmless(value: Any) -> Any:
    """`value`, with an apostrophe before text that would be a formula. Numbers stay numbers."""
    if isinstance(value, str) and value.lstrip(" ").startswith(DANGEROUS):
        return f"'{value}"
    return value
