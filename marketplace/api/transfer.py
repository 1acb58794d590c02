"""POST /tickets/{id}/transfer."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.response import Response

from marketplace.api.tickets import find_ticket
from marketplace.services.transfer import transfer_ticket
from portal.api.idempotency import idempotent
from portal.api.problems import Problem
from portal.api.views import ApiView

SCOPE = "tickets:book"


class TransferBody(serializers.Serializer):
    name = serializers.CharField(max_length=150, help_text="Who comes in with the ticket from now on.")
    email = serializers.EmailField(max_length=254, help_text="Where the ticket is sent.")


class TransferView(ApiView):
    """Give a ticket to another person, who gets it by mail. Its codes, documents and links of before are dead at once.

    For its holder: the buyer, a guest with the order's token, or whom it was given to. The refund stays the buyer's.
    """

    scopes: ClassVar[dict[str, str | None]] = {"POST": SCOPE}
    guests: ClassVar[set[str]] = {"POST"}
    bodies: ClassVar = {"POST": TransferBody}

    @idempotent()
    def post(self, request: Any, ticket_id: uuid.UUID) -> Response:
        seen, holder = find_ticket(request, ticket_id, scope=SCOPE)
        if not holder:
            raise Problem(403, "forbidden", "A ticket is given away by who holds it.")
        body = self.read_body(TransferBody)
        if seen.away:
            raise Problem(409, "ticket-transferred", "You gave this ticket away.")
        transfer = transfer_ticket(seen.ticket, **body)
        return Response({"ticket": {"id": str(ticket_id), "state": "transferred", "attendee": transfer.name}})
