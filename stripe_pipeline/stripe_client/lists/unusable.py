"""Find the objects of a page that can't be used, and what is wrong with each.

Only a page that doesn't decode is taken apart, so that its other objects can still be stored.
"""

import re
from collections.abc import Iterator, Sequence

import msgspec

from stripe_pipeline.stripe_client.http.retries import BadAnswerError
from stripe_pipeline.stripe_client.lists.heads import Head, decoder
from stripe_pipeline.stripe_client.lists.scanning import NotBalancedError, entries, members
from stripe_pipeline.stripe_client.resources import Resource

# What a decoder raises for an invalid text.
UNDECODABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_PLAIN_ID = re.compile(rb'"([A-Za-z0-9_.:-]{1,255})"')
_ESCAPE = re.compile(rb"\\u([dD][89a-fA-F][0-9a-fA-F]{2})")
_NO_CONTROL = re.compile(r"[^\x00-\x1f\x7f-\x9f]+")
_FIELD = re.compile(r" - at `\$\.?(?P<path>.*)`$")


class Unusable(msgspec.Struct, frozen=True):
    """An object that can't be used in figures: its raw body, and the reason in words.

    `identifier` is its id where that is plain text. `after` is the id of the object before it.
    """

    body: bytes
    reason: str
    identifier: str | None = None
    after: str | None = None


class UnusableError(Exception):
    """An object can't be used; the message is the reason."""


def refuse_odd_id(head: Head) -> None:
    """Check that an id can be requested, written and shown.

    Raises:
        UnusableError: it has control characters.
    """
    if not head.id.isprintable() and not _NO_CONTROL.fullmatch(head.id):
        raise UnusableError("its id has control characters")


def checked_head(raw: bytes, resource: Resource) -> Head:
    """Decode and check the fields of one object.

    Raises:
        UnusableError: it isn't a valid object of the resource.
    """
    try:
        raw.decode()
        head = decoder(resource.name).decode(raw)
    except UNDECODABLE as error:
        raise UnusableError(reason_of(raw, error)) from None
    refuse_odd_id(head)
    if head.object != resource.object:
        raise UnusableError(f"it is a {head.object[:40]!r} among {resource.label}")
    return head


def reason_of(raw: bytes, error: BaseException) -> str:
    """Say what is wrong with an object, in words that follow its id and show none of its data."""
    if isinstance(error, UnicodeDecodeError):
        return f"it isn't UTF-8 at its byte {error.start:,}"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, msgspec.ValidationError):
        return _misfit(str(error))
    if _has_half_a_pair(raw):
        return "a text in it has half a surrogate pair"
    return f"it isn't valid JSON ({error})"


def listed_bodies(body: bytes) -> tuple[list[bytes], bool]:
    """Split a list that doesn't decode; returns its entries, and whether more follow.

    Raises:
        BadAnswerError: it isn't a complete list.
    """
    try:
        found = members(body)
        return entries(found.get(b'"data"', b"")), found.get(b'"has_more"') == b"true"
    except NotBalancedError:
        raise BadAnswerError(not_json(body)) from None


def is_whole(raw: bytes) -> bool:
    """Tell whether a text is one complete JSON value, and not HTML or truncated."""
    try:
        return bool(members(raw)) if raw.lstrip()[:1] == b"{" else _is_json(raw)
    except (NotBalancedError, *UNDECODABLE):
        return False


def not_json(body: bytes) -> str:
    """Return the message for a response that isn't JSON."""
    if body.lstrip()[:1] == b"<":
        return (
            "an HTML page came in the place of Stripe's answer, as from a proxy or a login page: "
            "it isn't JSON; check HTTPS_PROXY, the network and STRIPE_API_BASE"
        )
    return "Stripe answered with something that isn't JSON"


def plain_id(raw: bytes) -> str | None:
    """Return the id of an object that can't be decoded, where it is plain enough to request.

    It serves as the list's cursor.
    """
    try:
        found = _PLAIN_ID.fullmatch(members(raw).get(b'"id"', b""))
    except NotBalancedError:
        return None
    return found[1].decode() if found else None


def subject_of(raw: bytes) -> tuple[str, str] | None:
    """Return (type, id) of the object of an event that can't be decoded, None if unknown."""
    try:
        about = members(members(members(raw).get(b'"data"', b""))[b'"object"'])
    except (NotBalancedError, KeyError):
        return None
    found = [_PLAIN_ID.fullmatch(about.get(key, b"")) for key in (b'"object"', b'"id"')]
    kind, identifier = (each[1].decode() if each else "" for each in found)
    return (kind, identifier) if kind and identifier else None


def usable_and_not(
    bodies: Sequence[bytes], resource: Resource
) -> Iterator[tuple[bytes, Head | Unusable]]:
    """Decode objects one by one, in their order."""
    before: str | None = None
    for raw in bodies:
        try:
            head = checked_head(raw, resource)
            before = head.id
            yield raw, head
        except UnusableError as error:
            identifier = plain_id(raw)
            yield raw, Unusable(raw, str(error), identifier, before)
            before = identifier or before


def _misfit(said: str) -> str:
    """Turn msgspec's message into a sentence: which field, and what it should be."""
    found = _FIELD.search(said)
    path = found["path"] if found else ""
    expected = _FIELD.sub("", said).replace("`", "")
    if path in ("", "id") and ("missing required field id" in expected or path == "id"):
        return "it has no usable id"
    if not path:
        return f"it isn't an object of Stripe's ({expected})"
    return f"its {path} can't be counted with ({expected})"


def _has_half_a_pair(raw: bytes) -> bool:
    """Tell whether the escapes of a text contain an unpaired surrogate."""
    text = raw.replace(b"\\\\", b"")
    found = [(each.start(), int(each[1], 16)) for each in _ESCAPE.finditer(text)]
    highs = {place for place, code in found if code < 0xDC00}
    lows = {place for place, code in found if code >= 0xDC00}
    return highs != {place - 6 for place in lows}


def _is_json(raw: bytes) -> bool:
    msgspec.json.decode(raw)
    return True
