"""Verify a delivery's `Stripe-Signature` header, an HMAC over the raw body.

Stripe's rule: https://docs.stripe.com/webhooks#verify-manually. The stripe library checks against
one secret at a time, decodes the body before it is authenticated, and accepts timestamps in the
future, with which a recorded delivery could be replayed until then.
"""

import hmac
from collections.abc import Sequence
from hashlib import sha256

# Seconds that a timestamp may be off, either way; Stripe signs each attempt with a new one.
TOLERANCE = 300


class SignatureError(ValueError):
    """A delivery isn't from Stripe, or its timestamp is off; the message says which."""


def verify(body: bytes, header: bytes, secrets: Sequence[bytes], now: float) -> None:
    """Check a delivery's signature against any of the secrets, of which rolling leaves two valid.

    `now` is in Unix seconds.

    Raises:
        SignatureError: there is no signature, none matches, or the timestamp is too old or new.
    """
    stamp, signatures = _parse(header)
    signed = stamp + b"." + body
    if not any(_fits(signed, secret, signatures) for secret in secrets):
        raise SignatureError("its signature fits no secret in STRIPE_WEBHOOK_SECRET")
    if abs(now - int(stamp)) > TOLERANCE:
        raise SignatureError(
            f"it was signed more than {TOLERANCE} seconds from now; if all are, this machine's "
            "clock is wrong"
        )


def sign(body: bytes, secret: bytes, stamp: int) -> str:
    """Return the `Stripe-Signature` header of a body, as Stripe would send it."""
    return f"t={stamp},v1={_signature(f'{stamp}.'.encode() + body, secret)}"


def _parse(header: bytes) -> tuple[bytes, list[bytes]]:
    """Parse `t=...,v1=...,v1=...`; other schemes, such as v0, are ignored."""
    pairs = [part.strip().partition(b"=") for part in header.split(b",")]
    stamps = [value for name, _, value in pairs if name == b"t"]
    signatures = [value for name, _, value in pairs if name == b"v1"]
    if len(stamps) != 1 or not (stamps[0].isdigit() and len(stamps[0]) <= 12) or not signatures:
        raise SignatureError("it has no Stripe-Signature with a stamp and a v1 signature")
    return stamps[0], signatures


def _fits(signed: bytes, secret: bytes, signatures: Sequence[bytes]) -> bool:
    expected = _signature(signed, secret).encode()
    return any(hmac.compare_digest(expected, each) for each in signatures)


def _signature(signed: bytes, secret: bytes) -> str:
    return hmac.new(secret, signed, sha256).hexdigest()
