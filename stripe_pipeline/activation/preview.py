"""Dry run: who would be in which segment, and get what message, at an instant; nothing recorded."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb

from stripe_pipeline.activation.campaign import Campaign
from stripe_pipeline.activation.campaigns import load_campaigns
from stripe_pipeline.activation.contract import near_miss
from stripe_pipeline.activation.decisions import Decisions
from stripe_pipeline.activation.eligibility import MARTS, TEMPLATE_FAILED, decide, deciding
from stripe_pipeline.activation.rendering import Message, extras_of, render
from stripe_pipeline.activation.values import Formatting, liquid_rows
from stripe_pipeline.errors import UsageError
from stripe_pipeline.files.patterns import exactly
from stripe_pipeline.lake import Lake
from stripe_pipeline.segments.files import segment_names
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.history import newest_move
from stripe_pipeline.warehouse.scratch import computed_aside

Row = dict[str, Any]


@dataclass(frozen=True)
class CampaignPreview:
    """The preview of one campaign.

    `audience` has a row for each message of an open stay (`stripe_customer_id`, `status`, `reason`,
    `is_due`, `why`); those that are due would be exported, or rehearsed while live sends are off.
    `example` is one of them with its texts: personal data, not to be logged.
    """

    campaign: str
    channel: str
    segment: str
    audience: list[Row]
    example: Message | None = field(repr=False)

    @property
    def due(self) -> int:
        """The number of messages that would be sent."""
        return sum(row["is_due"] for row in self.audience)

    @property
    def counts(self) -> list[Row]:
        """Messages by `status` and `reason`; those that would be sent have the status `due`."""
        found: dict[tuple[str, str], int] = {}
        for row in self.audience:
            key = ("due", "") if row["is_due"] else (row["status"], row["reason"] or "")
            found[key] = found.get(key, 0) + 1
        return [
            {"status": status, "reason": reason, "messages": messages}
            for (status, reason), messages in sorted(found.items())
        ]


@dataclass(frozen=True)
class Preview:
    """The result of a run as of an instant, on the lake as it is.

    `history_until` is the newest recorded move where that is later than the instant: a run for it
    would record no move and export nothing, so `campaigns` is empty.
    """

    as_of: datetime
    is_live: bool
    history_until: datetime | None
    segments: list[Row]  # segment, members
    campaigns: list[CampaignPreview]


def preview(settings: Settings, as_of: datetime, campaign: str | None = None) -> Preview:
    """Compute what a run as of an instant would do, for one campaign or for all.

    Raises:
        UsageError: there is no such campaign, or a campaign file is wrong.
        PipelineError: nothing was synced yet, or the tables can't be computed.
    """
    campaigns = _chosen(load_campaigns(settings), campaign)
    newest = newest_move(Lake(settings.lake))
    until = newest if newest is not None and newest > as_of else None
    with computed_aside(settings, as_of, MARTS) as aside:
        segments = _segments(aside)
        found = [] if until else _campaigns(aside, campaigns, as_of)
    return Preview(as_of, settings.live_sends, until, segments, found)


def one_named(campaigns: list[Campaign], name: str) -> Campaign:
    """Return the campaign of a name.

    Raises:
        UsageError: there is none.
    """
    names = [one.name for one in campaigns]
    if name not in names:
        raise UsageError(f"There is no campaign {name}{near_miss(name, names)}")
    return campaigns[names.index(name)]


def _chosen(campaigns: list[Campaign], name: str | None) -> list[Campaign]:
    return campaigns if name is None else [one_named(campaigns, name)]


def _segments(aside: Settings) -> list[Row]:
    """Return every segment with its size."""
    members = aside.published / "segment_members.parquet"
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select segment, count(*) from read_parquet(?) group by segment", [exactly(members)]
        ).fetchall()
    sizes = dict.fromkeys(segment_names(aside.segments), 0) | dict(rows)
    return [{"segment": segment, "members": count} for segment, count in sizes.items()]


def _campaigns(
    aside: Settings, campaigns: list[Campaign], as_of: datetime
) -> list[CampaignPreview]:
    with deciding(aside, aside.published) as connection:
        return [
            _campaign(aside, decide(connection, one, as_of, live=aside.live_sends), as_of)
            for one in campaigns
        ]


def _campaign(aside: Settings, decisions: Decisions, as_of: datetime) -> CampaignPreview:
    campaign = decisions.campaign
    example, failed = None, set[str]()
    for rendered in _rendered(aside, decisions, as_of):
        failed |= set(rendered.failed["message_key"].to_pylist())
        example = example or next(iter(rendered.messages), None)
    audience = [_judged(row, failed) for row in decisions.audience()]
    return CampaignPreview(campaign.name, campaign.channel, campaign.segment, audience, example)


def _rendered(aside: Settings, decisions: Decisions, as_of: datetime) -> Iterator[Any]:
    formatting = Formatting(aside.zone, aside.reporting_currency)
    extras = extras_of(aside, decisions.campaign, as_of)
    for due, profiles in decisions.due():
        yield render(decisions.campaign, due, liquid_rows(profiles, formatting), extras)


def _judged(row: Row, failed: set[str]) -> Row:
    """Return a row of the audience, with the status held where its template fails."""
    key = row.pop("message_key")
    if key not in failed:
        return row
    return {**row, "status": "held", "reason": TEMPLATE_FAILED, "is_due": False}
