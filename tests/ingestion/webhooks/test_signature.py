"""Who may deliver: a sender who holds a secret of the endpoint, and only now."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stripe import WebhookSignature

from stripe_pipeline.ingestion.webhooks.signature import (
    TOLERANCE,
    SignatureError,
    sign,
    verify,
)

NOW = 1_790_000_000
SECRET = b"whsec_one"
OTHER = b"whsec_two"
BODY = b'{\n  "id": "evt_1", "name": "B\xc3\xb6rk \xf0\x9f\x8e\xb8"\n}'


def refused(body: bytes, header: str | bytes, now: float = NOW) -> bool:
    header = header if isinstance(header, bytes) else header.encode()
    try:
        verify(body, header, [SECRET], now)
    except SignatureError:
        return True
    return False


@given(body=st.binary(max_size=300), secret=st.text("abcXYZ09", min_size=1, max_size=40))
def test_what_is_signed_is_accepted(body: bytes, secret: str) -> None:
    key = f"whsec_{secret}".encode()
    verify(body, sign(body, key, NOW).encode(), [key], NOW)


@given(body=st.text(max_size=200), secret=st.text("abcXYZ09", min_size=1, max_size=40))
def test_signed_as_stripe_signs(body: str, secret: str) -> None:
    key = f"whsec_{secret}"
    theirs = WebhookSignature.generate_signature_header(body, key, NOW)
    assert sign(body.encode(), key.encode(), NOW) == theirs
    ours = sign(body.encode(), key.encode(), int(time.time()))
    assert WebhookSignature.verify_header(body.encode(), ours, key, TOLERANCE)


@given(body=st.binary(min_size=1, max_size=200), data=st.data())
def test_any_flipped_bit_is_refused(body: bytes, data: st.DataObject) -> None:
    header = sign(body, SECRET, NOW).encode()
    whole = body + header
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    flipped = bytearray(whole)
    flipped[bit // 8] ^= 1 << bit % 8
    assert refused(bytes(flipped[: len(body)]), bytes(flipped[len(body) :]))


def test_each_bit_of_one_delivery() -> None:
    header = sign(BODY, SECRET, NOW).encode()
    for bit in range(len(header) * 8):
        flipped = bytearray(header)
        flipped[bit // 8] ^= 1 << bit % 8
        assert refused(BODY, bytes(flipped)), flipped
    assert not refused(BODY, header)


@given(header=st.binary(max_size=120) | st.text("t=v10,23a ", max_size=60).map(str.encode))
def test_nonsense_is_refused_and_nothing_else_happens(header: bytes) -> None:
    assert refused(BODY, header)


@pytest.mark.parametrize("offset", [-TOLERANCE, -1, 0, 1, TOLERANCE])
def test_a_stamp_within_the_tolerance(offset: int) -> None:
    assert not refused(BODY, sign(BODY, SECRET, NOW + offset))


@pytest.mark.parametrize("offset", [-(10**8), -TOLERANCE - 1, TOLERANCE + 1, 10**8])
def test_a_stamp_too_old_or_too_new(offset: int) -> None:
    assert refused(BODY, sign(BODY, SECRET, NOW + offset))


def test_a_recorded_delivery_is_not_refreshed_by_a_new_stamp() -> None:
    old = sign(BODY, SECRET, NOW - 10_000)
    signature = old.partition("v1=")[2]
    assert refused(BODY, f"t={NOW},v1={signature}")
    assert refused(BODY, f"t={NOW},{old}")
    assert refused(BODY, f"{old},t={NOW}")


def test_while_a_secret_is_rolled() -> None:
    """Stripe signs with both; the receiver may know either, or both."""
    both = sign(BODY, SECRET, NOW) + "," + sign(BODY, OTHER, NOW).partition(",")[2]
    for header in (both, sign(BODY, SECRET, NOW), sign(BODY, OTHER, NOW)):
        verify(BODY, header.encode(), [SECRET, OTHER], NOW)
    verify(BODY, both.encode(), [SECRET], NOW)
    verify(BODY, both.encode(), [OTHER], NOW)
    with pytest.raises(SignatureError, match="fits no secret"):
        verify(BODY, both.encode(), [b"whsec_three"], NOW)
    with pytest.raises(SignatureError):
        verify(BODY, both.encode(), [], NOW)


def test_other_schemes_prove_nothing() -> None:
    header = sign(BODY, SECRET, NOW)
    assert refused(BODY, header.replace("v1=", "v0="))
    assert not refused(BODY, header + ",v0=00ff")
