"""However people share addresses, opt in or out, enter or leave, and whenever sends go live: no one
gets a message without an opt-in, after an opt-out, while suppressed, or twice."""

import os
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stripe_pipeline.activation.consent import record_consent
from stripe_pipeline.activation.export import export
from stripe_pipeline.activation.suppress import lift, suppress
from stripe_pipeline.settings import Settings
from tests.activation.shop import (
    AS_OF,
    customer,
    exported,
    live,
    log,
    open_shop,
    publish_shop,
    stay,
)

ADDRESSES = ["a@shop.example", "b@shop.example", "c@shop.example"]
CUSTOMERS = range(5)


@dataclass(frozen=True)
class Day:
    """What happens between two exports, and whether the second of them is live."""

    consents: list[tuple[str, str]]
    suppressions: list[tuple[str, str, bool]]
    members: frozenset[int]
    is_live: bool


address = st.sampled_from(ADDRESSES)
days = st.lists(
    st.builds(
        Day,
        st.lists(st.tuples(address, st.sampled_from(["opt_in", "opt_in", "opt_out"])), max_size=3),
        st.lists(
            st.tuples(address, st.sampled_from(["email", "sms", "all"]), st.booleans()), max_size=2
        ),
        st.frozensets(st.sampled_from(CUSTOMERS)),
        st.booleans(),
    ),
    min_size=1,
    max_size=4,
)
owners = st.tuples(*(st.sampled_from([*ADDRESSES, None]) for _ in CUSTOMERS))


class Diary:
    """What is true of each address and stay, kept by hand and beside the product."""

    def __init__(self, shop: Settings, addresses: tuple[str | None, ...]) -> None:
        self.shop = shop
        self.people = [customer(number, email=addresses[number]) for number in CUSTOMERS]
        self.opted_in: set[str] = set()
        self.opted_out: set[str] = set()
        self.suppressed: set[tuple[str, str]] = set()
        self.stays: list[dict[str, Any]] = []

    def live_through(self, day: Day, number: int) -> None:
        """Record what happens on a day, export, and judge each message that resulted."""
        as_of = AS_OF + timedelta(days=number)
        for who, status in day.consents:
            self.consent(who, status, as_of)
        for who, channel, is_active in day.suppressions:
            self.suppress(who, channel, is_active=is_active)
        self.move(day.members, as_of)
        publish_shop(self.shop, self.people, self.stays)
        before = {row["message_key"] for row in exported(self.shop, mode="live")}
        export(live(self.shop) if day.is_live else self.shop, "email", as_of)
        messages = exported(self.shop, mode="live")
        self.judge([row for row in messages if row["message_key"] not in before])

    def consent(self, who: str, status: str, as_of: datetime) -> None:
        record_consent(self.shop, "email", who, status, "form", as_of)
        (self.opted_in if status == "opt_in" else self.opted_out).add(who)

    def suppress(self, who: str, channel: str, *, is_active: bool) -> None:
        if channel == "sms":
            return
        (suppress if is_active else lift)(self.shop, channel, who, "a test")
        (self.suppressed.add if is_active else self.suppressed.discard)((channel, who))

    def move(self, members: frozenset[int], as_of: datetime) -> None:
        for one in self.stays:
            number = int(one["stripe_customer_id"][-4:])
            if one["left_at"] is None and number not in members:
                one["left_at"] = as_of
        inside = {one["stripe_customer_id"] for one in self.stays if one["left_at"] is None}
        for number in sorted(members):
            if self.people[number]["stripe_customer_id"] not in inside:
                self.stays.append(stay(self.people[number], entered_at=as_of))

    def judge(self, messages: list[dict[str, Any]]) -> None:
        stopped = {who for _, who in self.suppressed} | self.opted_out
        open_now = {
            (one["stripe_customer_id"], f"vip@{one['entered_at']:%Y-%m-%dT%H:%M:%S.%fZ}")
            for one in self.stays
            if one["left_at"] is None
        }
        for message in messages:
            assert message["email"] in self.opted_in
            assert message["email"] not in stopped
            assert (message["stripe_customer_id"], message["occasion"]) in open_now
        assert max(Counter(one["email"] for one in messages).values(), default=1) == 1

    def close(self) -> None:
        """Over all days: each message once in each mode, and one customer to an address."""
        for mode in ("live", "dry_run"):
            keys = Counter(row["message_key"] for row in exported(self.shop, mode=mode))
            assert max(keys.values(), default=1) == 1
        pairs = {(m["email"], m["stripe_customer_id"]) for m in exported(self.shop, mode="live")}
        assert len(pairs) == len({who for who, _ in pairs})
        rows = [(row["message_key"], row["status"], row["reason"]) for row in log(self.shop)]
        newest: dict[str, tuple[Any, ...]] = {}
        for key, *state in rows:
            assert newest.get(key) != tuple(state), "the log repeats itself"
            newest[key] = tuple(state)


IS_SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"


@settings(max_examples=6, derandomize=True, database=None, deadline=None)
@given(addresses=owners, days=days)
def test_random_days(addresses: tuple[str | None, ...], days: list[Day]) -> None:
    _live(addresses, days)


@pytest.mark.slow
@settings(max_examples=400 if IS_SOAK else 25, database=None, deadline=None)
@given(addresses=owners, days=days)
def test_many_random_days(addresses: tuple[str | None, ...], days: list[Day]) -> None:
    _live(addresses, days)


def _live(addresses: tuple[str | None, ...], days: list[Day]) -> None:
    home = Path(tempfile.mkdtemp())
    try:
        diary = Diary(open_shop(home / "home"), addresses)
        for number, day in enumerate(days):
            diary.live_through(day, number)
        diary.close()
    finally:
        shutil.rmtree(home)


def test_everybody_who_may_get_it_gets_it(shop: Settings) -> None:
    diary = Diary(shop, (*ADDRESSES, "a@shop.example", None))
    consents = [(who, "opt_in") for who in ADDRESSES]
    diary.live_through(Day(consents, [], frozenset(CUSTOMERS), is_live=True), 0)
    diary.close()
    assert sorted(row["email"] for row in exported(shop)) == ADDRESSES
