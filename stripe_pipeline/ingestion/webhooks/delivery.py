"""Validate a delivery: one event of this account and mode, with its object embedded."""

import re
from typing import Annotated, Any

import msgspec

from stripe_pipeline.errors import PipelineError

# Stripe's objects nest some ten levels; a thousand would exceed a decoder's recursion limit.
DEEPEST = 100
_TEXT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_ID = re.compile(r"evt_[A-Za-z0-9_]{1,250}")
_TOO_DEEP = f"it is nested deeper than {DEEPEST} levels"
_MODES = {True: "live", False: "test"}


class NotAnEventError(PipelineError):
    """A delivery that can't be used; the message says why."""


class _Object(msgspec.Struct):
    """The object of an event, of any kind."""


class _Data(msgspec.Struct):
    object: _Object


class Event(msgspec.Struct):
    """The fields of a delivered event that are checked on receipt."""

    id: str
    type: str
    created: Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
    livemode: bool
    data: _Data
    account: str | None = None


class _Kind(msgspec.Struct):
    object: Any = None


_KIND = msgspec.json.Decoder(_Kind)
_EVENT = msgspec.json.Decoder(Event)


def read_event(body: bytes, livemode: bool | None) -> Event:
    """Decode a delivery; `livemode` is the mode that it must have, None for either.

    Raises:
        NotAnEventError: it isn't an event, is of another account or mode, or only references
            its object.
    """
    try:
        body.decode()
        kind = _KIND.decode(body).object
    except (UnicodeDecodeError, msgspec.DecodeError):
        raise NotAnEventError("it isn't a JSON object") from None
    except RecursionError:
        raise NotAnEventError(_TOO_DEEP) from None
    if _is_too_deep(body):
        raise NotAnEventError(_TOO_DEEP)
    if kind != "event":
        raise NotAnEventError(_other_kind(kind))
    try:
        event = _EVENT.decode(body)
    except msgspec.DecodeError:
        raise NotAnEventError("it lacks a part that every event of Stripe's has") from None
    _refuse_stranger(event, livemode)
    return event


def _is_too_deep(body: bytes) -> bool:
    """Tell whether JSON is nested deeper than any object of Stripe's."""
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return False
    depth = 0
    for sign in _TEXT.sub(b"", body).translate(None, _NO_BRACKETS):
        depth += 1 if sign in b"[{" else -1
        if depth > DEEPEST:
            return True
    return False


def _other_kind(kind: Any) -> str:
    if kind == "v2.core.event":
        return "it is a thin event; choose the payload style Snapshot for the endpoint"
    return "it isn't an event"


def _refuse_stranger(event: Event, livemode: bool | None) -> None:
    if not _ID.fullmatch(event.id):
        raise NotAnEventError("it has no event id")
    if event.account is not None:
        raise NotAnEventError(
            "it is of a connected account; let the endpoint listen to events on your own account"
        )
    if livemode is not None and event.livemode != livemode:
        raise NotAnEventError(
            f"it is a {_MODES[event.livemode]} event, and this home folder is for "
            f"{_MODES[livemode]} data"
        )
