"""An invoice of a hundred thousand lines: all of them in, in bounded memory, in even steps."""

import resource
import subprocess
import sys
import time
from typing import Any

import msgspec
import pytest

from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_api.lists.nested import splice
from stripe_pipeline.stripe_api.sync import sync
from tests.stripe_api.fake import Account, Answer, Request
from tests.stripe_api.shop import add_customer, add_invoice

TEXT = "x" * 500
PAGE = 100


def _line(number: int) -> bytes:
    return b'{"id":"il_%07d","object":"line_item","amount":3,"description":"%s"}' % (
        number,
        TEXT.encode(),
    )


def _serving(account: Account, lines: int) -> None:
    """Serve the lines page by page, without ever holding them all."""

    def fault(request: Request) -> Answer | None:
        if not request.path.endswith("/lines"):
            return None
        after = request.get("starting_after")
        begin = int(after[3:]) + 1 if after else 0
        end = min(begin + PAGE, lines)
        more = b"true" if end < lines else b"false"
        data = b",".join(_line(number) for number in range(begin, end))
        return Answer(raw=b'{"object":"list","has_more":%s,"data":[%s]}' % (more, data))

    account.fault = fault


def _seconds(account: Account, settings: Settings, lines: int) -> float:
    add_customer(account, 1)
    add_invoice(account, 1, lines=11)
    _serving(account, lines)
    began = time.process_time()
    sync(settings)
    return time.process_time() - began


def _found(settings: Settings) -> dict[str, Any]:
    parts = Lake(settings.lake).read("invoices", ["body"])
    [body] = [body for part in parts for body in part["body"].to_pylist()]
    found: dict[str, Any] = msgspec.json.decode(body)
    return found


@pytest.mark.slow
def test_a_hundred_thousand_lines(account: Account, settings: Settings) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = _seconds(account, settings, 100_000)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    lines = _found(settings)["lines"]
    assert [each["id"] for each in lines["data"]] == [f"il_{n:07d}" for n in range(100_000)]
    assert sum(each["amount"] for each in lines["data"]) == 300_000
    assert lines["has_more"] is False
    # The object itself is 58 MB; pages, text and column, and the server beside them, take 600.
    assert grown < 900_000_000
    assert seconds < 120


def test_lines_cost_the_same_however_many_there_are(account: Account, settings: Settings) -> None:
    seconds = _seconds(account, settings, 4_000)
    assert len(_found(settings)["lines"]["data"]) == 4_000
    assert len(account.asked("/v1/invoices/in_0001/lines")) == 40
    assert seconds < 20


def test_splicing_copies_once() -> None:
    """In a process of its own, whose peak is nobody else's."""
    program = (
        "import resource\n"
        "from stripe_pipeline.stripe_api.lists.nested import splice\n"
        'entries = [b\'{"id":"%d","t":"\' % n + b\'x\' * 1000 + b\'"}\' for n in range(50_000)]\n'
        'body = b\'{"id":"in_1","lines":{"object":"list","data":[],"has_more":true}}\'\n'
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "size = len(splice(body, {'lines': entries}))\n"
        "print(size, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    size, grown = map(int, done.stdout.split())
    assert size > 50_000_000
    assert grown < 1.5 * size


def test_splicing_keeps_everything_else() -> None:
    body = b'{"id":"in_1","lines":{"object":"list","data":[1],"has_more":true,"url":"/x"},"n":1.50}'
    spliced = msgspec.json.decode(splice(body, {"lines": [b'{"id":"a"}', b'{"id":"b"}']}))
    assert spliced["lines"].pop("data") == [{"id": "a"}, {"id": "b"}]
    assert spliced == {
        "id": "in_1",
        "n": 1.5,
        "lines": {"object": "list", "has_more": False, "url": "/x"},
    }
    assert b'"n":1.50' in splice(body, {"lines": []})
    assert msgspec.json.decode(splice(body, {"lines": []}))["lines"]["data"] == []
