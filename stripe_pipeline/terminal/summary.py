"""Gather a summary of a home folder: figures, segments, points, messages, files."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from stripe_pipeline.activation.campaigns import load_campaigns
from stripe_pipeline.activation.files import finished_exports, first_message
from stripe_pipeline.files.patterns import exactly
from stripe_pipeline.segments.files import segment_names
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.readers import Marts, Row

CHANNELS = ("email", "sms", "push")


@dataclass(frozen=True)
class Summary:
    """The newest published figures. The examples are personal data, not to be logged."""

    customers: int
    people: Row  # people, joined (several accounts or payments), guests (without a customer)
    orders: int
    monthly: Row  # the known recurring revenue, and the number of customers of whom it isn't known
    holds: Row  # what lacks exchange rates: customers, segments (members, others), messages
    sales: list[Row]  # currency, orders, collected, refunded, disputed, net (None: not known)
    segments: list[Row]  # segment, members
    points: list[Row]  # movement, entries, points
    campaigns: list[Row]  # campaign, channel, segment, status, reason, messages
    examples: dict[str, dict[str, Any]]  # channel to message
    export_folders: list[Path]
    example_customer: str | None


def summarize(settings: Settings) -> Summary:
    """Gather the summary from published marts, the outbox's log and the export folders.

    Raises:
        PipelineError: nothing is published yet.
    """
    marts = Marts(settings)
    folders = finished_exports(settings.exports)
    campaigns = _campaigns(settings)
    return Summary(
        customers=_count(marts, "customer_profiles", "true"),
        people=marts.rows("people", _PEOPLE)[0],
        orders=_count(marts, "orders", "is_counted"),
        monthly=_monthly(marts),
        holds=_holds(marts, campaigns),
        sales=marts.rows("orders", _SALES),
        segments=_segments(settings, marts),
        points=marts.rows("loyalty_ledger", _POINTS),
        campaigns=campaigns,
        examples=_examples(folders),
        export_folders=folders,
        example_customer=_example_customer(marts),
    )


_SALES = """
    select
        currency,
        count(*) filter (is_counted) as orders,
        -- A sum of which a part isn't known isn't known either.
        case when count(collected) = count(*) then sum(collected) end as collected,
        case when count(refunded) = count(*) then sum(refunded) end as refunded,
        case when count(disputed) = count(*) then sum(disputed) end as disputed,
        case when count(net) = count(*) then sum(net) end as net
    from mart group by currency order by orders desc, currency
"""

_PEOPLE = """
    select
        count(*) as people,
        count(*) filter (customers + guest_payments > 1) as joined,
        count(*) filter (customers = 0) as guests
    from mart
"""

_MONTHLY = """
    select
        coalesce(sum(running), 0) as subscriptions,
        coalesce(sum(stripe_mrr), 0)::decimal(18, 3) as mrr,
        count(*) filter (stripe_mrr is null) as unknown,
        count(*) filter (stripe_mrr is not null and running > 0) as known,
        coalesce(sum(running) filter (stripe_mrr is not null), 0) as known_subscriptions
    from (
        select stripe_mrr, stripe_subscription_active + stripe_subscription_past_due as running
        from mart
    )
"""

_UNRATED = """
    select
        count(distinct stripe_customer_id) as customers,
        count(*) filter (field = 'stripe_mrr') as unrated
    from mart
"""

_UNDECIDED = """
    select
        segment,
        count(*) filter (is_member) as members,
        count(*) filter (not is_member) as others
    from mart group by segment order by segment
"""

_POINTS = """
    select movement, count(*) as entries, sum(points) as points
    from mart group by movement order by movement
"""

# The newest entry of a message key has the message's status.
_CAMPAIGNS = """
    with entries as (
        select *, row_number() over (
            partition by message_key order by filename desc, file_row_number desc
        ) as age
        from read_parquet(?, filename = true, file_row_number = true)
    )
    select campaign, channel, segment, status, coalesce(reason, '') as reason, count(*) as messages
    from entries where age = 1
    group by all order by campaign, status, reason
"""

# A customer with much to show, but not too much: orders, a subscription, other accounts, refunds.
_EXAMPLE_CUSTOMER = """
    select stripe_customer_id from mart
    order by stripe_total_orders between 3 and 15 and stripe_subscription_active > 0 desc,
        stripe_person_id <> stripe_customer_id desc, stripe_refunded > 0 desc,
        stripe_total_orders desc, stripe_customer_id
    limit 1
"""


def _count(marts: Marts, mart: str, condition: str) -> int:
    rows: int = marts.rows(mart, f"select count(*) as rows from mart where {condition}")[0]["rows"]
    return rows


def _monthly(marts: Marts) -> Row:
    """Return the known recurring revenue, and for how many customers it isn't known."""
    known = marts.rows("customer_profiles", _MONTHLY)[0]
    return {**known, "unrated": marts.rows("unrated_fields", _UNRATED)[0]["unrated"]}


def _holds(marts: Marts, campaigns: list[Row]) -> Row:
    """Count totals that lack a rate, undecided segment members, and messages waiting for one."""
    held = [row["messages"] for row in campaigns if row["reason"] == "missing_rate"]
    return {
        "customers": marts.rows("unrated_fields", _UNRATED)[0]["customers"],
        "segments": marts.rows("undecided_members", _UNDECIDED),
        "messages": sum(held),
    }


def _segments(settings: Settings, marts: Marts) -> list[Row]:
    """Return every segment with its size, also the empty ones, which have no row in the mart."""
    rows = marts.rows("segment_members", "select segment, count(*) as members from mart group by 1")
    sizes = dict.fromkeys(segment_names(settings.segments), 0)
    sizes.update({row["segment"]: row["members"] for row in rows})
    ordered = sorted(sizes.items(), key=lambda pair: (-pair[1], pair[0]))
    return [{"segment": segment, "members": members} for segment, members in ordered]


def _campaigns(settings: Settings) -> list[Row]:
    """Count messages by campaign and status; a campaign without messages has one row of 0."""
    with duckdb.connect() as connection:
        log = f"{exactly(settings.lake / 'outbox_entries')}/*.parquet"
        result = connection.execute(_CAMPAIGNS, [log])
        names = [column[0] for column in result.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    seen = {row["campaign"] for row in rows}
    silent = [
        {
            "campaign": campaign.name, "channel": campaign.channel, "segment": campaign.segment,
            "status": "" if campaign.is_live else campaign.status, "reason": "", "messages": 0,
        }
        for campaign in load_campaigns(settings)
        if campaign.name not in seen
    ]  # fmt: skip
    return rows + silent


def _examples(folders: list[Path]) -> dict[str, dict[str, Any]]:
    examples: dict[str, dict[str, Any]] = {}
    for folder in reversed(folders):
        for channel in CHANNELS:
            message = first_message(folder, channel)
            if message and channel not in examples:
                examples[channel] = message
    return examples


def _example_customer(marts: Marts) -> str | None:
    found = marts.rows("customer_profiles", _EXAMPLE_CUSTOMER)
    return found[0]["stripe_customer_id"] if found else None
