"""Tell whether a delivery comes from Stripe: its header `Stripe-Signature` over the raw body.

Stripe's rule: https://docs.stripe.com/webhooks#verify-manually. The stripe library checks against
one secret at a time, decodes the body before it knows whose it is, and takes stamps of the future,
with which one recorded delivery could be repeated for as long as the stamp is ahead.
"""

import hmac
from collections.abc import Sequence
from hashlib import sha256

# Seconds that a stamp may be off, either way; Stripe stamps each attempt anew.
TOLERANCE = 300


class SignatureError(ValueError):
    """A delivery that doesn't come from Stripe, or not now; the message says what is wrong."""


def verify(body: bytes, header: bytes, secrets: Sequence[bytes], now: float) -> None:
    """Check a delivery; while a secret is being rolled, one that fits any of them will do.

    `now` is in Unix seconds.

    Raises:
        SignatureError: there is no signature, none fits, or the stamp is too old or too new.
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
    """Return the header with which Stripe would send a body."""
    return f"t={stamp},v1={_signature(f'{stamp}.'.encode() + body, secret)}"


def _parse(header: bytes) -> tuple[bytes, list[bytes]]:
    """Take `t=...,v1=...,v1=...` apart; other schemes, such as v0, prove nothing."""
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
