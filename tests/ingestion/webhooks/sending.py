"""Send deliveries as Stripe does: signed, one POST each."""

import json
import time
from collections.abc import Iterable
from typing import Any

import httpx

from stripe_pipeline.ingestion.webhooks.signature import sign

SECRET = "whsec_test_of_the_webhooks"


def event(number: int, **fields: Any) -> dict[str, Any]:
    """An event of the test mode about a customer of its own."""
    about = {"id": f"cus_{number:06d}", "object": "customer", "name": f"Nr {number}"}
    return {
        "id": f"evt_{number:06d}",
        "object": "event",
        "api_version": "2025-02-24.acacia",
        "created": int(time.time()),
        "data": {"object": about},
        "livemode": False,
        "type": "customer.updated",
        **fields,
    }


def body_of(event: dict[str, Any]) -> bytes:
    """The event as Stripe writes it, indented by two."""
    return json.dumps(event, indent=2).encode()


def signed(body: bytes, secret: str = SECRET, offset: int = 0) -> dict[str, str]:
    """The headers of a delivery; `offset` moves its stamp by so many seconds."""
    header = sign(body, secret.encode(), int(time.time()) + offset)
    return {"stripe-signature": header, "content-type": "application/json; charset=utf-8"}


def deliver(address: str, body: bytes, **options: Any) -> httpx.Response:
    """Send one delivery; options are those of `signed`."""
    headers = signed(body, **options)
    # Without TLS no list of authorities is needed; reading it takes longer than all else here.
    return httpx.post(
        f"{address}/webhooks", content=body, headers=headers, timeout=30, verify=False
    )


def deliver_all(address: str, events: Iterable[dict[str, Any]]) -> None:
    """Send events, each of which must be accepted."""
    for each in events:
        answer = deliver(address, body_of(each))
        assert answer.status_code == 200, answer.text
