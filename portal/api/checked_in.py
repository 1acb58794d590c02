"""The description as it stands in the repository: docs/api/openapi.json, and the released one."""

from __future__ import annotations

import json
from pathlib import Path

from django.conf import settings

from portal.api.schema import description

FOLDER = Path(settings.BASE_DIR) / "docs" / "api"
CURRENT, RELEASED = FOLDER / "openapi.json", FOLDER / "openapi.released.json"
NOWHERE = "https://foyer.example"  # every site has an address of its own


def text_of() -> str:
    return json.dumps(description(NOWHERE), indent=1, ensure_ascii=False) + "\n"
