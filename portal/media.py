"""Uploaded pictures, where no proxy in front serves the media folder."""

from __future__ import annotations

import mimetypes
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.views.decorators.http import require_safe
from django.views.static import serve


@require_safe
def media(request: HttpRequest, path: str) -> Any:
    """A picture of the media folder, and nothing else that lies there.

    Documents are told apart by who asks, which their own address checks; and what a browser would run or draw as a page
    (HTML, SVG, scripts) must not come from this site's origin, whoever uploaded it.
    """
    kind, _encoding = mimetypes.guess_type(path)
    if path.startswith("documents/") or not (kind or "").startswith("image/") or kind == "image/svg+xml":
        raise Http404
    response = serve(request, path, document_root=str(settings.MEDIA_ROOT))
    response["Content-Security-Policy"] = "default-src 'none'"
    return response
