"""Messages about facts: which facts there are, when each is due, and that none is sent twice."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stripe_pipeline.activation.campaigns import load_campaigns
from stripe_pipeline.activation.export import export
from stripe_pipeline.activation.facts_version import facts_version
from stripe_pipeline.activation.suppress import lift, suppress
from stripe_pipeline.errors import UsageError
from stripe_pipeline.settings import Settings
from tests.activation.previews.changing_shop import judge_funnel, look
from tests.activation.shop import (
    AS_OF,
    STAMP,
    consent,
    customer,
    exported,
    live,
    log,
    open_shop,
    publish_facts,
    publish_shop,
)

HEAD = "name: fact\ntrigger: {}\nexisting_members: include\nchannel: email\nsubject: s\nbody: b\n"
PEOPLE = [customer(number) for number in range(3)]
CONSENTS = [consent(one["email"]) for one in PEOPLE]


def _at(days: float) -> datetime:
    """An instant so many days before the run."""
    return AS_OF - timedelta(days=days)


def _order(number: int, who: int = 0, days: float = 1, **values: Any) -> dict[str, Any]:
    at = _at(days)
    return {
        "order_id": f"in_{number}", "stripe_customer_id": f"cus_{who:04d}",
        "order_status": "paid", "ordered_at": at, "paid_at": at, **values,
    }  # fmt: skip


def _renewal(number: int, days: float, reason: str = "subscription_cycle") -> dict[str, Any]:
    return _order(number, days=days, subscription_id="sub_1", billing_reason=reason)


def _subscription(number: int, status: str = "active", **values: Any) -> dict[str, Any]:
    return {
        "subscription_id": f"sub_{number}", "stripe_customer_id": "cus_0000",
        "subscription_status": status, "started_at": _at(1), **values,
    }  # fmt: skip


def _refund(number: int, order: int, kind: str = "refund") -> dict[str, Any]:
    return {
        "adjustment_id": f"re_{number}", "order_id": f"in_{order}",
        "stripe_customer_id": "cus_0000", "adjustment_type": kind, "adjusted_at": _at(1),
    }  # fmt: skip


def _charge(number: int, status: str) -> dict[str, Any]:
    return {
        "charge_id": f"ch_{number}", "stripe_customer_id": "cus_0000", "payment_status": status,
        "attempted_at": _at(1),
    }  # fmt: skip


def _entry(number: int, source: str, points: int, movement: str = "earn") -> dict[str, Any]:
    return {
        "entry_id": str(number), "stripe_customer_id": "cus_0000", "points": points,
        "movement": movement, "occurred_at": _at(1), "source_id": source,
    }  # fmt: skip


def _open(home: Path, trigger: str, *lines: str) -> Settings:
    text = HEAD.format(trigger) + "".join(f"{line}\n" for line in lines)
    return live(open_shop(home, text))


def _run(shop: Settings, at: datetime = AS_OF, people: Any = None, **facts: Any) -> list[str]:
    """Publish facts, preview, export; return the occasions of the messages that are new."""
    publish_shop(shop, PEOPLE if people is None else people, [], CONSENTS)
    publish_facts(shop, **facts)
    before = {row["message_key"] for row in exported(shop)}
    seen = look(shop, (at - AS_OF) // timedelta(minutes=1))
    export(shop, "email", at)
    new = {row["message_key"]: row for row in exported(shop) if row["message_key"] not in before}
    assert seen.due == new.keys()
    judge_funnel(seen)
    return sorted(row["occasion"] for row in new.values())


def _reasons(shop: Settings) -> dict[str, str | None]:
    return {row["occasion"]: row["reason"] for row in log(shop)}


@pytest.mark.parametrize(
    ("trigger", "facts", "occasions"),
    [
        ("first_order",
         {"orders": [_order(1, days=3), _order(2), _order(3, 1, order_status="open"),
                     _order(4, 2, order_status="void"), _order(5, 7)]},
         ["first_order@in_1"]),
        ("repeat_order",
         {"orders": [_order(1, days=3), _order(2), _order(3, days=2), _order(4, 1)]},
         ["repeat_order@in_2", "repeat_order@in_3"]),
        ("refund",
         {"order_adjustments": [_refund(1, 1), _refund(1, 2), _refund(2, 1, "dispute"),
                                _refund(3, 1, "credit_note")]},
         ["refund@re_1", "refund@re_3"]),
        ("payment_failed",
         {"payments": [_charge(1, "failed"), _charge(2, "succeeded"), _charge(3, "failed")]},
         ["payment_failed@ch_1", "payment_failed@ch_3"]),
        ("subscription_started",
         {"subscriptions": [_subscription(1), _subscription(2, "trialing"),
                            _subscription(3, "incomplete"), _subscription(4, started_at=None)]},
         ["subscription_started@sub_1", "subscription_started@sub_2"]),
        ("subscription_renewed",
         {"orders": [_renewal(1, 5, "subscription_create"), _renewal(2, 3), _renewal(3, 1),
                     _renewal(4, 2, "subscription_update")]},
         ["subscription_renewed@in_2", "subscription_renewed@in_3"]),
        ("subscription_cancelled",
         {"subscriptions": [_subscription(1, "canceled", ended_at=_at(1)),
                            _subscription(2, ended_at=_at(-3))]},
         ["subscription_cancelled@sub_1"]),
        ("points_earned",
         {"loyalty_ledger": [_entry(1, "in_1", 5), _entry(2, "in_1", 100), _entry(3, "in_2", 4),
                             _entry(4, "in_3", -4, "reverse")]},
         ["points_earned@in_1", "points_earned@in_2"]),
    ],
)  # fmt: skip
def test_each_fact_is_one_message(
    tmp_path: Path, trigger: str, facts: dict[str, Any], occasions: list[str]
) -> None:
    shop = _open(tmp_path / "home", trigger)
    assert _run(shop, **facts) == occasions
    entries = len(log(shop))
    assert _run(shop, **facts) == []
    assert len(log(shop)) == entries


def test_the_first_payment_after_a_trial_is_no_renewal(tmp_path: Path) -> None:
    shop = _open(tmp_path / "home", "subscription_renewed")
    assert _run(shop, orders=[_renewal(1, 2)]) == []


def test_an_old_fact_has_its_reason_and_within_says_what_is_old(tmp_path: Path) -> None:
    orders = [_order(1, days=400), _order(2, days=7.1), _order(3, days=6.9), _order(4, days=0.4)]
    shop = _open(tmp_path / "week", "repeat_order")
    assert _run(shop, orders=orders) == ["repeat_order@in_3", "repeat_order@in_4"]
    assert _reasons(shop)["repeat_order@in_2"] == "too_late"
    shop = _open(tmp_path / "hours", "repeat_order", "within: 12 hours")
    assert _run(shop, orders=orders) == ["repeat_order@in_4"]
    shop = _open(tmp_path / "weeks", "repeat_order", "within: 2 weeks")
    assert len(_run(shop, orders=orders)) == 3


def test_a_fact_of_before_it_went_live_is_skipped(tmp_path: Path) -> None:
    shop = _open(tmp_path / "home", "repeat_order")
    file = shop.campaigns / "0.yml"
    file.write_text(file.read_text().replace("include", "skip"), encoding="utf-8")
    orders = [_order(1, days=3), _order(2)]
    assert _run(shop, orders=orders) == []
    assert _reasons(shop) == {"repeat_order@in_2": "earlier_fact"}
    late, new = _order(3, days=0.5), _order(4, days=-0.5)
    assert _run(shop, AS_OF + timedelta(days=1), orders=[*orders, late, new]) == [
        "repeat_order@in_4"
    ]
    assert _reasons(shop)["repeat_order@in_3"] == "earlier_fact"


def test_a_first_order_that_is_learned_late_is_no_second_first_one(tmp_path: Path) -> None:
    shop = _open(tmp_path / "home", "first_order")
    assert _run(shop, orders=[_order(2)]) == ["first_order@in_2"]
    assert _run(shop, orders=[_order(2), _order(1, days=3)]) == []


def test_persons_who_are_joined_and_split_get_none_twice(tmp_path: Path) -> None:
    shop = _open(tmp_path / "home", "first_order")
    orders = [_order(1), _order(2, 1), _order(3, 2)]
    assert len(_run(shop, orders=orders)) == 3
    joined = [customer(each, stripe_person_id="cus_0001") for each in range(3)]
    assert _run(shop, orders=orders, people=joined) == []
    assert _run(shop, orders=orders) == []
    shop = _open(tmp_path / "other", "first_order")
    assert _run(shop, orders=orders, people=joined) == ["first_order@in_1"]
    assert _run(shop, orders=orders) == []


def test_a_joined_persons_second_order_is_a_repeat_order(tmp_path: Path) -> None:
    shop = _open(tmp_path / "home", "repeat_order")
    orders = [_order(1, days=2), _order(2, 1)]
    assert _run(shop, orders=orders) == []
    joined = [customer(each, stripe_person_id="cus_0001") for each in range(3)]
    assert _run(shop, orders=orders, people=joined) == ["repeat_order@in_2"]


def test_a_held_fact_becomes_due_until_it_is_old(tmp_path: Path) -> None:
    shop = _open(tmp_path / "home", "payment_failed")
    facts: dict[str, Any] = {"payments": [_charge(1, "failed")]}
    suppress(shop, "email", "c0@shop.example", "a test")
    assert _run(shop, **facts) == []
    assert _reasons(shop) == {"payment_failed@ch_1": "suppressed"}
    assert _run(shop, AS_OF + timedelta(days=9), **facts) == []
    assert _reasons(shop) == {"payment_failed@ch_1": "too_late"}
    lift(shop, "email", "c0@shop.example", "a test")
    assert _run(shop, AS_OF + timedelta(days=9), **facts) == []
    assert _run(shop, AS_OF + timedelta(days=2), **facts) == ["payment_failed@ch_1"]


def test_a_rehearsal_doesnt_become_old(tmp_path: Path) -> None:
    shop = _open(tmp_path / "home", "payment_failed").model_copy(
        update={"live_sends_switch": "off"}
    )
    facts: dict[str, Any] = {"payments": [_charge(1, "failed")]}
    assert _run(shop, **facts) == ["payment_failed@ch_1"]
    entries = len(log(shop))
    assert _run(shop, AS_OF + timedelta(days=30), **facts) == []
    assert len(log(shop)) == entries


DAYS = [
    customer(0, created_at=datetime(2026, 11, 25, 22, tzinfo=UTC)),  # in Auckland the 26th
    customer(1, created_at=datetime(2024, 2, 29, 12, tzinfo=UTC)),
    customer(2, created_at=datetime(2020, 11, 22, 5, tzinfo=UTC)),
]


# From 20 November to 2 December.
ALL_DAYS = range(-2, 11)


def _days(
    home: Path, trigger: str, days: Iterable[int] = ALL_DAYS, zone: str = "UTC"
) -> list[list[str]]:
    """Return what is sent so many days after 22 November, at ten in the morning."""
    shop = _open(home, trigger).model_copy(update={"reporting_timezone": zone})
    return [_run(shop, AS_OF + timedelta(days=day), DAYS) for day in days]


def test_the_day_of_a_date(tmp_path: Path) -> None:
    sent = _days(tmp_path / "on", "on created_at")
    assert sent == [[], [], [], [], [], ["created_at@2026-11-25"], [], [], [], [], [], [], []]
    sent = _days(tmp_path / "before", "3 days before created_at", range(-1, 2))
    assert sent == [[], ["created_at@2026-11-25"], []]
    sent = _days(tmp_path / "after", "1 day after created_at", range(3, 6))
    assert sent == [[], ["created_at@2026-11-25"], []]
    # Ten in the morning in London is eleven in the evening in Auckland.
    sent = _days(tmp_path / "zone", "on created_at", range(3, 6), "Pacific/Auckland")
    assert sent == [[], ["created_at@2026-11-26"], []]


def test_the_anniversary_of_a_date(tmp_path: Path) -> None:
    sent = _days(tmp_path / "on", "on the anniversary of created_at", range(-1, 3))
    assert sent == [[], ["created_at@2026-11-22"], [], []]
    shop = _open(tmp_path / "leap", "on the anniversary of created_at")
    leap = {day: _run(shop, datetime(2027, 2, day, 10, tzinfo=UTC), DAYS) for day in (27, 28)}
    assert leap == {27: [], 28: ["created_at@2027-02-28"]}
    shop = _open(tmp_path / "ahead", "5 days before the anniversary of created_at")
    people = [customer(0, created_at=datetime(2020, 11, 28, 5, tzinfo=UTC))]
    assert _run(shop, AS_OF + timedelta(days=1), people) == ["created_at@2026-11-28"]
    # Over the turn of the year.
    people = [customer(0, created_at=datetime(2020, 1, 2, 5, tzinfo=UTC))]
    assert _run(shop, datetime(2026, 12, 28, 10, tzinfo=UTC), people) == ["created_at@2027-01-02"]


@pytest.mark.parametrize("days", [800, -800])
def test_years_before_or_after_an_anniversary(tmp_path: Path, days: int) -> None:
    side = "before" if days > 0 else "after"
    shop = _open(tmp_path, f"800 days {side} the anniversary of created_at")
    day = (AS_OF + timedelta(days=days)).date()
    people = [customer(0, created_at=datetime(2020, day.month, day.day, 5, tzinfo=UTC))]
    assert _run(shop, AS_OF - timedelta(days=1), people) == []
    assert _run(shop, AS_OF, people) == [f"created_at@{day}"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("trigger: first_ordr",
         "line 2: there is no trigger first_ordr; did you mean first_order?"),
        ("trigger: tier_changed", "line 2: tier_changed can't trigger a campaign yet: no tiers are "
         "computed yet, so no one's tier changes."),
        ("trigger: xyz", "line 2: there is no trigger xyz; there are first_order, repeat_order, "
         "refund, payment_failed, subscription_started, subscription_renewed, "
         "subscription_cancelled, points_earned, and a date's day as `on stripe_trial_ends_at`, "
         "`3 days before stripe_trial_ends_at`, or with `the anniversary of` before the field."),
        ("trigger: on create_at",
         "line 2: the profile has no create_at; did you mean created_at?"),
        ("trigger: on first_name", "line 2: first_name is no date; the profile's dates are "
         "created_at, stripe_last_create_order_date."),
        ("trigger: three days before created_at",
         "line 2: three days before created_at is no day; write it as `on stripe_trial_ends_at`, "
         "`3 days before stripe_trial_ends_at`, or with `the anniversary of` before the field."),
        ("trigger: refund\nwithin: soon",
         "line 3: soon is no span of time; write it as `7 days` or `12 hours`."),
        ("segment: vip\nwithin: 7 days",
         "line 3: within is how old a trigger's fact may be; take the line away."),
        ("segment: vip\ntrigger: refund",
         "line 3: a campaign has a segment or a trigger; take one of them away."),
        ("trigger: 3", "line 2: trigger has to be text; put it in quotes."),
        ("description: d", "line 1: the campaign has no segment and no trigger; add the line "
         "`segment: ...`."),
        ("triger: refund", "line 1: the campaign has no segment and no trigger; add the line "
         "`segment: ...`."),
    ],
)  # fmt: skip
def test_each_slip_is_one_sentence(tmp_path: Path, lines: str, said: str) -> None:
    text = HEAD.replace("trigger: {}", lines)
    shop = open_shop(tmp_path / "home", text)
    with pytest.raises(UsageError) as caught:
        load_campaigns(shop)
    assert str(caught.value) == f"Campaign file {shop.campaigns / '0.yml'}, {said}"


def test_a_new_fact_makes_exports_run(tmp_path: Path) -> None:
    shop = _open(tmp_path / "home", "repeat_order")
    clock = pa.table({"as_of": pa.array([AS_OF.replace(tzinfo=None)], STAMP)})

    def version(*orders: dict[str, Any]) -> str:
        publish_shop(shop, PEOPLE, [])
        publish_facts(shop, orders=orders)
        pq.write_table(clock, shop.published / "run_clock.parquet")
        return facts_version(shop)

    none, first, second = version(), version(_order(1)), version(_order(1), _order(2, days=0))
    assert none == first != second
    (shop.campaigns / "0.yml").write_text("name: [", encoding="utf-8")
    assert version() == ""
