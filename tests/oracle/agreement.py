"""Where the marts that dbt built and the calculation differ, mart by mart."""

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
    entries = expected.loyalty_ledger
    balances = map(_balance_row, grouped(entries, lambda entry: entry.customer).values())
    return [
        *differences(
            "loyalty_ledger", LEDGER_KEY, ledger_rows(warehouse), map(_entry_row, entries)
        ),
        *_table(warehouse, "loyalty_balances", ("stripe_customer_id",), list(balances)),
    ]


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
