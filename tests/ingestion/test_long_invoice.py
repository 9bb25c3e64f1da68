"""An invoice of a hundred thousand lines: all of them in, in bounded memory, in even steps."""

import resource
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec
import pytest

import stripe_pipeline.lake as lake_package
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.lists import nested, pages
from stripe_pipeline.stripe_client.lists.nested import splice
from tests.fake_stripe.server import Account, Answer, Request, serving
from tests.fake_stripe.shop import add_customer, add_invoice

MakeSettings = Callable[..., Settings]
TEXT = "x" * 500
# What handles lines; how often a client waits depends on the clock.
OURS = tuple(str(Path(str(each.__file__)).parent) for each in (nested, lake_package))
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


def _read(account: Account, settings: Settings, lines: int) -> None:
    add_customer(account, 1)
    add_invoice(account, 1, lines=11)
    _serving(account, lines)
    sync(settings)


def _found(settings: Settings) -> dict[str, Any]:
    parts = Lake(settings.lake).read("invoices", ["body"])
    [body] = [body for part in parts for body in part["body"].to_pylist()]
    found: dict[str, Any] = msgspec.json.decode(body)
    return found


@pytest.mark.slow
def test_a_hundred_thousand_lines(account: Account, settings: Settings) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    _read(account, settings, 100_000)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    lines = _found(settings)["lines"]
    assert [each["id"] for each in lines["data"]] == [f"il_{n:07d}" for n in range(100_000)]
    assert sum(each["amount"] for each in lines["data"]) == 300_000
    assert lines["has_more"] is False
    # The object itself is 58 MB; pages, text and column, and the server beside them, take 600.
    assert grown < 900_000_000


@dataclass
class Work:
    """What reading an invoice took: bytes decoded and joined, functions called, rows written."""

    decoded: int = 0
    joined: int = 0
    splices: int = 0
    calls: int = 0
    written: int = 0


def _work(make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, lines: int) -> Work:
    """Read one invoice of so many lines into a home of its own, and count."""
    work, parse, whole = Work(), pages.parse_list, nested.splice

    def parse_list(body: bytes) -> object:
        work.decoded += len(body)
        return parse(body)

    def spliced(body: bytes, lists: Mapping[str, list[bytes]]) -> bytes:
        work.splices += 1
        work.joined += len(body) + sum(len(each) for found in lists.values() for each in found)
        return whole(body, lists)

    def count(frame: FrameType, event: str, argument: object) -> None:
        if event in ("call", "c_call") and frame.f_code.co_filename.startswith(OURS):
            work.calls += 1

    account = Account()
    add_customer(account, 1)
    add_invoice(account, 1, lines=11)
    _serving(account, lines)
    with serving(account) as base, monkeypatch.context() as patched:
        patched.setattr(nested, "parse_list", parse_list)
        patched.setattr(nested, "splice", spliced)
        settings = make_settings(
            stripe_api_base=base, STRIPE_PIPELINE_HOME=make_settings().home / str(lines)
        )
        sys.setprofile(count)
        try:
            sync(settings)
        finally:
            sys.setprofile(None)
    assert len(_found(settings)["lines"]["data"]) == lines
    assert len(account.asked("/v1/invoices/in_0001/lines")) == lines // PAGE
    work.written = sum(batch.rows() for batch in Lake(settings.lake).batches("invoices"))
    return work


def test_lines_cost_the_same_however_many_there_are(
    make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four times the lines: four times the bytes, and no more calls a line."""
    none, some, many = (_work(make_settings, monkeypatch, lines) for lines in (100, 2_000, 8_000))
    line = len(_line(0)) + 1
    for work, lines in ((some, 2_000), (many, 8_000)):
        # Each line is decoded once and joined once, and the invoice is one row of one batch.
        assert 0 <= work.decoded - line * lines < 100 * (lines // PAGE)
        assert 0 <= work.joined - (line - 1) * lines < 5_000
        assert (work.splices, work.written) == (1, 1)
    per_line = (some.calls - none.calls) / 1_900, (many.calls - some.calls) / 6_000
    assert 1 < per_line[1] < 1.05 * per_line[0]


def test_splicing_copies_once() -> None:
    """In a process of its own, whose peak is no other process's."""
    program = (
        "import resource\n"
        "from stripe_pipeline.stripe_client.lists.nested import splice\n"
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
