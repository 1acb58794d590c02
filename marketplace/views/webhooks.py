"""Where payment providers tell us what happened."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from marketplace.models import PaymentMethod
from marketplace.services.inbox import receive_webhook
from portal.errors import Rejected

MAX_BODY = 512 * 1024  # bytes; Stripe's largest events have about 250 KB


@csrf_exempt  # no browser and no cookie is involved: the signature says who it is
@require_POST
def webhook(request: HttpRequest, provider: str, method_id: int | None = None) -> HttpResponse:
    """200 once the event's effects are stored, and for what is known already; providers repeat everything else."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdecimal() and int(length[:12]) <= MAX_BODY):
        return JsonResponse({"code": "too-large"}, status=413)
    method = get_object_or_404(PaymentMethod, pk=method_id, provider=provider) if method_id else None
    try:
        news = receive_webhook(provider, request, method=method)
    except Rejected as refusal:
        return JsonResponse({"code": refusal.code, "detail": refusal.message}, status=refusal.status)
    return JsonResponse({"received": news})
