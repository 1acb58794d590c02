from django.http import HttpRequest

from marketplace.extensions import NextStep, PaymentUpdate, SignatureInvalid


class Shells:
    """Payment in sea shells, handed over at once."""

    title = "Sea shells"
    config_fields = {"beach": "Where the shells are from."}

    def check_config(self, config: dict[str, str]) -> dict[str, str]:
        return {} if config.get("beach") else {"beach": "Name a beach."}

    def start(self, payment, *, return_url: str, token: str = "") -> NextStep:
        return NextStep("done", update=self.fetch(payment))

    def read_webhook(self, request: HttpRequest) -> list[PaymentUpdate]:
        raise SignatureInvalid("Shells call nobody.")

    def fetch(self, payment) -> PaymentUpdate:
        return PaymentUpdate(key=str(payment.key), state="succeeded", amount=payment.amount)

    def refund(self, refund) -> PaymentUpdate:
        return PaymentUpdate(key=str(refund.key), state="done", kind="refund", amount=refund.amount)
