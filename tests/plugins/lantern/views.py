from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.views import ApiView


def lanterns(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("three lanterns")


class LanternsView(ApiView):
    """How many lanterns there are."""

    scopes = {"GET": None}

    def get(self, _request: Request) -> Response:
        return Response({"lanterns": 3})
