"""The two ceilings: a view with one indexed query, and a booking of a guarded update and two inserts."""

from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, JsonResponse
from django.urls import path

from bench.bare.models import Place, Purchase, Stock


def read(request: HttpRequest, pk: int) -> JsonResponse:
    stock = Stock.objects.get(pk=pk)
    return JsonResponse({"id": stock.pk, "left": stock.capacity - stock.sold})


@transaction.atomic
def book(request: HttpRequest, pk: int) -> JsonResponse:
    purchase = Purchase.objects.create(email="ben@example.org")
    Place.objects.create(purchase=purchase, stock_id=pk)
    if not Stock.objects.filter(pk=pk, sold__lt=F("capacity")).update(sold=F("sold") + 1):
        transaction.set_rollback(True)
        return JsonResponse({"error": "sold out"}, status=409)
    return JsonResponse({"id": purchase.pk}, status=201)


urlpatterns = [path("read/<int:pk>", read), path("book/<int:pk>", book)]
