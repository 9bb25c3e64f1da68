"""A small shop's home folder: published marts as Parquet, a campaign folder, the lake's logs."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from stripe_pipeline.activation.addresses import normalize_address
from stripe_pipeline.activation.contract import Contract
from stripe_pipeline.activation.export import ExportReport
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.tables import ensure_tables
from stripe_pipeline.settings import Settings, load_settings

AS_OF = datetime(2026, 11, 22, 10, tzinfo=UTC)
ENTERED = datetime(2026, 11, 20, 8, tzinfo=UTC)
STAMP = pa.timestamp("us")  # marts hold UTC without a zone
AMOUNT = pa.decimal128(18, 3)

PROFILE = pa.schema(
    [
        ("stripe_customer_id", pa.string()),
        ("stripe_person_id", pa.string()),
        ("email", pa.string()),
        ("email_deliverable", pa.bool_()),
        ("phone", pa.string()),
        ("stripe_metadata_device", pa.string()),
        ("country", pa.string()),
        ("region", pa.string()),
        ("first_name", pa.string()),
        ("locale", pa.string()),
        ("created_at", STAMP),
        ("stripe_total_orders", pa.int64()),
        ("stripe_total_sales", AMOUNT),
        ("stripe_total_sales_minor", pa.int64()),
        ("stripe_order_last_value", AMOUNT),
        ("stripe_order_last_currency", pa.string()),
        ("stripe_last_create_order_date", STAMP),
        ("stripe_sales_by_currency", pa.map_(pa.string(), AMOUNT)),
    ]
)
HISTORY = pa.schema(
    [
        ("segment", pa.string()),
        ("stripe_customer_id", pa.string()),
        ("entered_at", STAMP),
        ("left_at", STAMP),
        ("occasion_at", STAMP),
    ]
)
MEMBERS = pa.schema([*list(HISTORY)[:2], ("why", pa.string())])
CONSENT = pa.schema(
    [
        ("channel", pa.string()),
        ("address", pa.string()),
        ("status", pa.string()),
        ("source", pa.string()),
        ("occurred_at", STAMP),
    ]
)
UNRATED = pa.schema([("stripe_customer_id", pa.string()), ("field", pa.string())])
UNDECIDED = pa.schema([("segment", pa.string()), ("stripe_customer_id", pa.string())])
SQL_TYPES = {
    pa.string(): "varchar",
    pa.bool_(): "boolean",
    pa.int64(): "bigint",
    STAMP: "timestamp",
    AMOUNT: "decimal(18, 3)",
    pa.map_(pa.string(), AMOUNT): "map(varchar, decimal(18, 3))",
}
CONTRACT = Contract(
    {
        column.name: SQL_TYPES[column.type]
        for column in PROFILE
        if not column.name.startswith("stripe_metadata_")  # which a setting adds
    },
    frozenset({"vip", "past_due", "lapsed_6_months"}),
)
PERSON_ADDRESSES = pa.schema(
    [
        ("person_id", pa.string()),
        ("member_type", pa.string()),
        ("member_id", pa.string()),
        ("channel", pa.string()),
        ("address", pa.string()),
        ("compared_as", pa.string()),
    ]
)

EMAIL = """\
name: thanks
segment: vip
existing_members: include
channel: email
subject: 'Thank you, {{ profile.first_name | default: "friend" }}'
body: |
  You spent {{ profile.stripe_total_sales }}.
"""
SMS = """\
name: pay
segment: past_due
existing_members: include
channel: sms
body: "{{ profile.first_name }} please pay"
"""


def settings_of(home: Path, **more: Any) -> Settings:
    """Settings of a home whose campaigns stand in it."""
    return load_settings(
        _env_file=None,
        STRIPE_PIPELINE_HOME=home,
        STRIPE_PIPELINE_CAMPAIGNS=home / "campaigns",
        **more,
    )


def live(settings: Settings) -> Settings:
    """The same home with sends switched on."""
    return settings.model_copy(update={"live_sends_switch": "on"})


def open_shop(home: Path, *campaigns: str) -> Settings:
    """Make a home with empty logs, and these campaigns."""
    settings = settings_of(home)
    settings.campaigns.mkdir(parents=True)
    for number, text in enumerate(campaigns or (EMAIL, SMS)):
        (settings.campaigns / f"{number}.yml").write_text(text, encoding="utf-8")
    ensure_tables(Lake(settings.lake))
    return settings


def customer(number: int, **values: Any) -> dict[str, Any]:
    """A profile, by default with an address and a number of its own."""
    return {
        "stripe_customer_id": f"cus_{number:04d}",
        "stripe_person_id": f"cus_{number:04d}",
        "email": f"c{number}@shop.example",
        "email_deliverable": True,
        "phone": f"+1201555{number:04d}",
        "first_name": f"Name{number}",
        "created_at": datetime(2026, 1, 1, 23, 30, tzinfo=UTC),
        "stripe_total_orders": 2,
        "stripe_total_sales": Decimal("12.500"),
        "stripe_total_sales_minor": 1250,
        "stripe_sales_by_currency": {},
        **values,
    }


def stay(person: Mapping[str, Any], segment: str = "vip", **values: Any) -> dict[str, Any]:
    """An open stay of a customer in a segment."""
    row = {"segment": segment, "stripe_customer_id": person["stripe_customer_id"]}
    return {**row, "entered_at": ENTERED, "left_at": None, **values}


def consent(address: str, status: str = "opt_in", channel: str = "email") -> dict[str, Any]:
    """A consent given at Checkout a day before the stays began."""
    occurred_at = ENTERED - timedelta(days=1)
    row = {"channel": channel, "address": address, "status": status, "source": "checkout"}
    return {**row, "occurred_at": occurred_at}


def publish_shop(
    settings: Settings,
    people: Iterable[Mapping[str, Any]],
    stays: Iterable[Mapping[str, Any]],
    consents: Iterable[Mapping[str, Any]] = (),
    unrated: Iterable[Mapping[str, Any]] = (),
    undecided: Iterable[Mapping[str, Any]] = (),
) -> None:
    """Write the published marts that exports read."""
    people, stays = list(people), list(stays)
    settings.published.mkdir(parents=True, exist_ok=True)
    members = [
        {"segment": one["segment"], "stripe_customer_id": one["stripe_customer_id"]}
        for one in stays
        if one["left_at"] is None
    ]
    tables = {
        "customer_profiles": pa.Table.from_pylist(people, schema=PROFILE),
        "person_addresses": pa.Table.from_pylist(_addresses(people), schema=PERSON_ADDRESSES),
        "segment_history": pa.Table.from_pylist(stays, schema=HISTORY),
        "segment_members": pa.Table.from_pylist(members, schema=MEMBERS),
        "consent": pa.Table.from_pylist(list(consents), schema=CONSENT),
        "unrated_fields": pa.Table.from_pylist(list(unrated), schema=UNRATED),
        "undecided_members": pa.Table.from_pylist(list(undecided), schema=UNDECIDED),
    }
    for name, rows in tables.items():
        pq.write_table(rows, settings.published / f"{name}.parquet")
    for segment in CONTRACT.segments:  # exports ask only whether it is there
        (settings.published / f"segment_{segment}.parquet").touch()


FACTS: Mapping[str, pa.Schema] = {
    "orders": pa.schema(
        [
            ("order_id", pa.string()),
            ("stripe_customer_id", pa.string()),
            ("order_status", pa.string()),
            ("ordered_at", STAMP),
            ("paid_at", STAMP),
            ("subscription_id", pa.string()),
            ("billing_reason", pa.string()),
        ]
    ),
    "order_adjustments": pa.schema(
        [
            ("adjustment_id", pa.string()),
            ("order_id", pa.string()),
            ("stripe_customer_id", pa.string()),
            ("adjustment_type", pa.string()),
            ("adjusted_at", STAMP),
        ]
    ),
    "payments": pa.schema(
        [
            ("charge_id", pa.string()),
            ("stripe_customer_id", pa.string()),
            ("payment_status", pa.string()),
            ("attempted_at", STAMP),
        ]
    ),
    "subscriptions": pa.schema(
        [
            ("subscription_id", pa.string()),
            ("stripe_customer_id", pa.string()),
            ("subscription_status", pa.string()),
            ("started_at", STAMP),
            ("ended_at", STAMP),
        ]
    ),
    "loyalty_ledger": pa.schema(
        [
            ("entry_id", pa.string()),
            ("stripe_customer_id", pa.string()),
            ("points", pa.int64()),
            ("movement", pa.string()),
            ("occurred_at", STAMP),
            ("source_id", pa.string()),
        ]
    ),
}


def publish_facts(settings: Settings, **facts: Iterable[Mapping[str, Any]]) -> None:
    """Write the published marts that triggers read, by their names; the others are empty."""
    for name, schema in FACTS.items():
        rows = pa.Table.from_pylist(list(facts.get(name, ())), schema=schema)
        pq.write_table(rows, settings.published / f"{name}.parquet")


def _addresses(people: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Where people can be reached, as marts have it."""
    return [
        {
            "person_id": one["stripe_person_id"],
            "member_type": "customer",
            "member_id": one["stripe_customer_id"],
            "channel": channel,
            "address": one[column],
            "compared_as": normalize_address(channel, one[column]) or one[column],
        }
        for one in people
        for channel, column in (("email", "email"), ("sms", "phone"))
        if one[column]
    ]


def exported(settings: Settings, *, mode: str = "*") -> list[dict[str, Any]]:
    """Every message of every export file, as JSON Lines has it."""
    paths = sorted(settings.exports.glob(f"*/*-{mode}-*/*.jsonl"))
    return [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]


def log(settings: Settings) -> list[dict[str, Any]]:
    """The outbox's log, oldest first."""
    return [
        row for batch in Lake(settings.lake).read("outbox_entries") for row in batch.to_pylist()
    ]


def statuses(settings: Settings) -> dict[str, tuple[str, str | None]]:
    """The newest status and reason of each customer in the log."""
    return {row["stripe_customer_id"]: (row["status"], row["reason"]) for row in log(settings)}


def written(report: ExportReport) -> Path:
    """The folder that an export of one campaign wrote."""
    folder = report.campaigns[0].folder
    assert folder is not None
    return folder
