"""Where the marts that dbt built and the calculation differ, mart by mart."""

from .calculation import Marts, calculate
from .compare import Row, differences, uncalculated
from .loyalty import Entry, balances_of
from .question import Question, naive
from .warehouse import Warehouse

KEYS = {
    "orders": ("order_id",),
    "order_adjustments": ("adjustment_id", "order_id"),
    "customer_profiles": ("stripe_customer_id",),
}
LEDGER_KEY = ("rule", "movement", "source_id", "reverses")


def disagreements(warehouse: Warehouse, question: Question) -> list[str]:
    """One line for each difference in any mart."""
    expected = calculate(warehouse.objects, question)
    lines = [
        line
        for table, key in KEYS.items()
        for line in _table(warehouse, table, key, getattr(expected, table))
    ]
    return lines + _segments(warehouse, expected) + _ledger(warehouse, expected)


def _table(
    warehouse: Warehouse, table: str, key: tuple[str, ...], expected: list[Row]
) -> list[str]:
    got = warehouse.rows(f"marts.{table}")
    lines = differences(table, key, got, expected)
    if got and expected and (unknown := uncalculated(got, expected)):
        lines.append(f"{table}: nothing was calculated to hold against {sorted(unknown)}")
    return lines


def _segments(warehouse: Warehouse, expected: Marts) -> list[str]:
    rows = warehouse.rows("marts.segment_members")
    got = {(row["segment"], row["stripe_customer_id"]) for row in rows}
    lines = [f"segment {pair}: only in the warehouse" for pair in got - expected.segment_members]
    lines += [f"segment {pair}: missing" for pair in expected.segment_members - got]
    return sorted(lines)


def _ledger(warehouse: Warehouse, expected: Marts) -> list[str]:
    got = ledger_rows(warehouse)
    lines = differences("ledger", LEDGER_KEY, got, map(_entry_row, expected.loyalty_ledger))
    balances = {row["stripe_customer_id"]: row for row in warehouse.rows("marts.loyalty_balances")}
    for customer, points in balances_of(expected.loyalty_ledger).items():
        if (found := balances.get(customer, {}).get("balance")) != points:
            lines.append(f"balance of {customer} is {found}, calculated {points}")
    return lines


def ledger_rows(warehouse: Warehouse) -> list[Row]:
    """The ledger with `reverses`, the source of the entry that a reversal takes back."""
    rows = warehouse.rows("marts.loyalty_ledger")
    source = {row["entry_id"]: row["source_id"] for row in rows}
    assert len(source) == len(rows), "entry_id is not unique"
    reverses = [row["reverses_entry_id"] for row in rows]
    return [
        {**row, "reverses": source[entry] if entry else None}
        for row, entry in zip(rows, reverses, strict=True)
    ]


def _entry_row(entry: Entry) -> Row:
    occurred_at = naive(entry.occurred_at)
    return {
        "rule": entry.rule,
        "movement": entry.movement,
        "source_id": entry.source_id,
        "reverses": entry.reverses,
        "stripe_customer_id": entry.customer,
        "points": entry.points,
        "occurred_at": occurred_at,
    }
