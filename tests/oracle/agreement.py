"""Where the marts that dbt built and the calculation differ, mart by mart."""

import json
from decimal import Decimal

from .calculation import Marts, calculate
from .compare import Row, differences, uncalculated
from .loyalty import Entry
from .profiles import grouped
from .question import Question, naive
from .warehouse import Warehouse

KEYS = {
    "orders": ("order_id",),
    "order_adjustments": ("adjustment_id", "order_id"),
    "order_coupons": ("order_id", "coupon_id"),
    "order_lines": ("order_id", "line_id"),
    "order_line_sums": ("order_id",),
    "payments": ("charge_id",),
    "customer_profiles": ("stripe_customer_id",),
    "people": ("person_id",),
    "person_links": ("member_id", "reason", "linked_member_id"),
    "subscriptions": ("subscription_id",),
    "subscription_items": ("subscription_id", "item_place"),
    "sales_by_day": ("day", "currency", "order_source", "buyer", "fact"),
    "mrr_movements": ("subscription_id", "day", "movement"),
    "fact_ties": ("tie", "currency"),
    "missing_exchange_rates": ("currency", "day"),
    "stale_exchange_rates": ("currency",),
    "unmatched_money": ("object_id",),
    "sales_facts": ("fact", "fact_id", "order_id"),
    "exchange_rates": ("currency", "day"),
    "unrated_fields": ("stripe_customer_id", "field"),
    "profile_origins": ("stripe_customer_id", "field", "role", "part"),
    "undecided_members": ("segment", "stripe_customer_id"),
    "segment_members": ("segment", "stripe_customer_id"),
    "segment_history": ("segment", "stripe_customer_id"),
    "loyalty_ledger": ("rule", "movement", "source_id", "reverses"),
    "loyalty_balances": ("stripe_customer_id",),
}
# Ids of the warehouse's own making; `reverses` says the same in names of Stripe's.
NAMED_OTHERWISE = {
    "loyalty_ledger": {"entry_id", "reverses_entry_id"},
    # What the calculation has of its own is the other side.
    "fact_ties": {"left_minor"},
}


def disagreements(warehouse: Warehouse, question: Question) -> list[str]:
    """One line for each difference in any mart, and for each mart or column without comparison."""
    expected = rows_of(calculate(warehouse.objects, question), question)
    built = {name.partition(".")[2] for name in warehouse.tables("marts")}
    lines = [line for table in KEYS for line in _table(warehouse, table, expected[table])]
    # A segment's own table is a part of segment_members.
    others = {name for name in built - KEYS.keys() if not name.startswith("segment_")}
    return lines + [f"{name}: nothing is held against it" for name in sorted(others)]


def rows_of(marts: Marts, question: Question) -> dict[str, list[Row]]:
    """The calculated rows of each mart. Without recorded moves all members have just entered."""
    entered_at = question.as_of.replace(tzinfo=None)
    stays = [
        {"segment": segment, "stripe_customer_id": customer, "entered_at": entered_at}
        for segment, customer in marts.segment_members
    ]
    reasons = marts.segment_members.values()
    balances = grouped(marts.loyalty_ledger, lambda entry: entry.customer)
    plain = {name: rows for name, rows in vars(marts).items() if name in KEYS}
    return {
        **plain,
        "exchange_rates": [
            {"day": day, "currency": currency, "rate": rate}
            for day, currency, rate in question.rates
        ],
        "segment_members": [{**stay, "why": why} for stay, why in zip(stays, reasons, strict=True)],
        "segment_history": [
            {**stay, "left_at": None, "occasion_at": stay["entered_at"]} for stay in stays
        ],
        "loyalty_ledger": [_entry_row(entry) for entry in marts.loyalty_ledger],
        "loyalty_balances": [_balance_row(entries) for entries in balances.values()],
    }


def _table(warehouse: Warehouse, table: str, expected: list[Row]) -> list[str]:
    got = comparable_rows(warehouse, table)
    unknown = uncalculated(got, expected) - NAMED_OTHERWISE.get(table, set())
    lines = [f"{table}: {name} was not calculated" for name in sorted(unknown) if expected]
    return lines + differences(table, KEYS[table], got, expected)


def comparable_rows(warehouse: Warehouse, table: str) -> list[Row]:
    """A mart's rows, with what the calculation can't foresee in words that it can."""
    rows = warehouse.rows(f"marts.{table}")
    if table == "segment_members":
        return [{**row, "why": json.loads(row["why"], parse_float=Decimal)} for row in rows]
    return _named(rows) if table == "loyalty_ledger" else rows


def _named(rows: list[Row]) -> list[Row]:
    """The ledger with `reverses`, which names the entry that a reversal takes back."""
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
