"""Serve odd bodies in the place of objects, and look into the quarantine."""

import json

from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.quarantine import TABLE, in_quarantine
from tests.fake_stripe.server import Account, Answer, Fault, Request


def spoiled(account: Account, **odd: bytes) -> Fault:
    """Serve these bodies in the place of the objects that have these ids, in lists and alone."""

    def fault(request: Request) -> Answer | None:
        account.fault = lambda _: None
        answer = account.answer(request)
        account.requests.pop()
        account.fault = fault
        raw = json.dumps(answer.body).encode()
        for identifier, spoilt in odd.items():
            if (request.path == "/v1/events") != identifier.startswith("evt_"):
                continue
            found = _object_in(raw, identifier)
            raw = raw.replace(found, spoilt) if found else raw
        return Answer(answer.status, raw=raw)

    return fault


def _object_in(raw: bytes, identifier: str) -> bytes:
    """The text of an object in an answer, as it is written."""
    decoder = json.JSONDecoder()
    text = raw.decode()
    start = text.find(f'{{"id": "{identifier}", "object"')
    return text[start : decoder.raw_decode(text, start)[1]].encode() if start >= 0 else b""


def held(lake: Lake) -> dict[str, str]:
    """The reasons of what is in quarantine, by id or digest."""
    return {each.object_id or "": each.reason for each in in_quarantine(lake)}


def kept_bodies(lake: Lake) -> list[bytes | None]:
    return [each for part in lake.read(TABLE) for each in part["body"].to_pylist()]
