"""A version of a Stripe object, as the client reads it and the lake keeps it."""

from datetime import datetime

import msgspec


class ObjectRow(msgspec.Struct, frozen=True, gc=False):
    """One version of one Stripe object, as it was read.

    `created` is Stripe's, in Unix seconds (None for a deleted object's stub); `observed_at` is
    when the response arrived; `body` is the object's whole JSON, nested lists completed.
    """

    id: str
    object: str
    created: int | None
    livemode: bool | None
    is_deleted: bool
    customer_id: str | None
    api_version: str
    observed_at: datetime
    body: bytes
