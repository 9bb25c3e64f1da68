"""Where the marts that dbt built and the calculation differ, mart by mart."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from .calculation import Marts, calculate
from .compare import Row, differences, uncalculated
from .loyalty import Entry
from .profiles import grouped
from .question import Question, naive
from .warehouse import Warehouse

KEYS = {
    "orders": ("order_id",),
    "order_adjustments": ("adjustment_id", "order_id"),
    "customer_profiles": ("stripe_customer_id",),
    "subscriptions": ("subscription_id",),
    "missing_exchange_rates": ("currency", "day"),
}
SEGMENT_KEY = ("segment", "stripe_customer_id")
LEDGER_KEY = ("rule", "movement", "source_id", "reverses")


def disagreements(warehouse: Warehouse, question: Question) -> list[str]:
    """One line for each difference in any mart."""
    expected = calculate(warehouse.objects, question)
    lines = [
        line
        for table, key in KEYS.items()
        for line in _table(warehouse, table, key, getattr(expected, table))
    ]
    return lines + _segments(warehouse, expected, question) + _ledger(warehouse, expected)


def _table(
    warehouse: Warehouse, table: str, key: tuple[str, ...], expected: list[Row]
) -> list[str]:
    got = warehouse.rows(f"marts.{table}")
    lines = differences(table, key, got, expected)
    if got and expected and (unknown := uncalculated(got, expected)):
        lines.append(f"{table}: nothing was calculated to hold against {sorted(unknown)}")
    return lines


def _segments(warehouse: Warehouse, expected: Marts, question: Question) -> list[str]:
    """Without recorded moves, all members entered at the as-of instant."""
    entered_at = question.as_of.replace(tzinfo=None)
    stays = [
        {"segment": segment, "stripe_customer_id": customer, "entered_at": entered_at}
        for segment, customer in expected.segment_members
    ]
    history = [{**stay, "left_at": None} for stay in stays]
    members = warehouse.rows("marts.segment_members")
    return [
        *differences("segment_members", SEGMENT_KEY, members, stays),
        *differences(
            "segment_history", SEGMENT_KEY, warehouse.rows("marts.segment_history"), history
        ),
        *_reasons(members, expected),
    ]


def _reasons(members: list[Row], expected: Marts) -> list[str]:
    """What decided, as far as it is in the profile, must be what the profile says."""
    profiles = {row["stripe_customer_id"]: row for row in expected.customer_profiles}
    return [
        f"why of {row['stripe_customer_id']} in {row['segment']}: {name} is {value}"
        for row in members
        for name, value in json.loads(row["why"], parse_float=Decimal).items()
        if value != _as_json(profiles.get(row["stripe_customer_id"], {}).get(name, value))
    ]


def _as_json(value: Any) -> Any:
    return str(value) if isinstance(value, datetime) else value


def _ledger(warehouse: Warehouse, expected: Marts) -> list[str]:
    entries = expected.loyalty_ledger
    balances = map(_balance_row, grouped(entries, lambda entry: entry.customer).values())
    return [
        *differences(
            "loyalty_ledger", LEDGER_KEY, ledger_rows(warehouse), map(_entry_row, entries)
        ),
        *_table(warehouse, "loyalty_balances", ("stripe_customer_id",), list(balances)),
    ]


def ledger_rows(warehouse: Warehouse) -> list[Row]:
    """The ledger with `reverses`, which names the entry that a reversal takes back."""
    rows = warehouse.rows("marts.loyalty_ledger")
    by_id = {row["entry_id"]: row for row in rows}
    assert len(by_id) == len(rows), "entry_id is not unique"
    return [{**row, "reverses": _name(by_id, row["reverses_entry_id"])} for row in rows]


def _name(by_id: dict[str, Row], entry_id: str | None) -> str | None:
    """An entry's source, and for a reversal the source of what it reverses."""
    if entry_id is None:
        return None
    row = by_id[entry_id]
    reversed_ = _name(by_id, row["reverses_entry_id"])
    return f"{row['source_id']} of {reversed_}" if reversed_ else row["source_id"]


def _entry_row(entry: Entry) -> Row:
    return {
        "rule": entry.rule,
        "rule_version": 1,
        "movement": entry.movement,
        "source_id": entry.source_id,
        "reverses": entry.reverses,
        "stripe_customer_id": entry.customer,
        "points": entry.points,
        "occurred_at": naive(entry.occurred_at),
        "matures_at": naive(entry.matures_at),
        "expires_at": None,
    }


def _balance_row(entries: list[Entry]) -> Row:
    earned = sum(entry.points for entry in entries if entry.movement == "earn")
    balance = sum(entry.points for entry in entries)
    return {
        "stripe_customer_id": entries[0].customer,
        "balance": balance,
        "available": balance,
        "earned": earned,
        "reversed": earned - balance,
        "last_movement_at": naive(max(entry.occurred_at for entry in entries)),
    }
