"""Dry run: who would be in which segment, and get what message, at an instant; nothing recorded."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from stripe_pipeline.activation.campaign import Campaign
from stripe_pipeline.activation.campaigns import load_campaigns
from stripe_pipeline.activation.contract import near_miss
from stripe_pipeline.activation.decisions import Decisions
from stripe_pipeline.activation.eligibility import decide, deciding, marts_of
from stripe_pipeline.activation.previews.funnel import funnel_of
from stripe_pipeline.activation.previews.recovery import foresee
from stripe_pipeline.activation.previews.segment_moves import segments_then
from stripe_pipeline.activation.reasons import TEMPLATE_FAILED
from stripe_pipeline.activation.rendering import Message, extras_of, render
from stripe_pipeline.activation.values import Formatting, liquid_rows
from stripe_pipeline.errors import UsageError
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.history import late_after
from stripe_pipeline.warehouse.scratch import computed_aside
from stripe_pipeline.warehouse.undisturbed import undisturbed

Row = dict[str, Any]
NOT_LIVE = "not_live"  # of a message that would be due if its campaign were live


@dataclass(frozen=True)
class CampaignPreview:
    """The preview of one campaign.

    `audience` has a row for each message of an open stay (`stripe_customer_id`, `status`, `reason`,
    `is_due`, `why`); those that are due would be exported, or rehearsed while live sends are off.
    Of a campaign that isn't live none is: they have its status, draft or retired, and the reason
    `not_live`. `funnel` has the steps from the segment to the message. `appearing` counts the
    messages of an interrupted export that the next one finishes. `example` is a message with its
    texts: personal data, not to be logged.
    """

    campaign: str
    campaign_status: str
    channel: str
    segment: str
    audience: list[Row]
    funnel: list[Row]
    appearing: int
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
    would record no move and export nothing, so `campaigns` is empty. `segments`, `moves` and
    `compared_with` are as SegmentsThen has them.
    """

    as_of: datetime
    is_live: bool
    history_until: datetime | None
    segments: list[Row]
    moves: list[Row]
    compared_with: datetime | None
    campaigns: list[CampaignPreview]


def preview(
    settings: Settings,
    as_of: datetime,
    campaign: str | None = None,
    since: datetime | None = None,
) -> Preview:
    """Compute what a run as of an instant would do, for one campaign or for all.

    With `since`, a message is on schedule if it is at any instant between the two.

    Raises:
        UsageError: there is no such campaign, or a campaign file is wrong.
        PipelineError: nothing was synced yet, the tables can't be computed, or a person was erased
            meanwhile.
    """
    campaigns = _chosen(load_campaigns(settings), campaign)
    until = late_after(settings, as_of)
    with (
        undisturbed(settings),
        computed_aside(settings, as_of, marts_of(campaigns)) as aside,
    ):
        then = segments_then(settings, aside)
        found = [] if until else _campaigns(settings, aside, campaigns, as_of, since)
    return Preview(
        as_of, settings.live_sends, until, then.segments, then.moves, then.compared_with, found
    )


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


def _campaigns(
    settings: Settings,
    aside: Settings,
    campaigns: list[Campaign],
    as_of: datetime,
    since: datetime | None,
) -> list[CampaignPreview]:
    with deciding(aside, aside.published, campaigns) as connection:
        appearing = foresee(settings, connection, campaigns, as_of)
        return [
            _campaign(
                aside, decide(connection, one, as_of, live=aside.live_sends, since=since), as_of,
                len(appearing.get(one.name, ())),
            )
            for one in campaigns
        ]  # fmt: skip


def _campaign(
    aside: Settings, decisions: Decisions, as_of: datetime, appearing: int
) -> CampaignPreview:
    campaign = decisions.campaign
    example, failed = None, set[str]()
    for rendered in _rendered(aside, decisions, as_of):
        failed |= set(rendered.failed["message_key"].to_pylist())
        example = example or next(iter(rendered.messages), None)
    audience = [_judged(row, failed, campaign) for row in decisions.audience()]
    return CampaignPreview(
        campaign.name, campaign.status, campaign.channel, campaign.segment, audience,
        funnel_of(decisions, failed).steps, appearing, example,
    )  # fmt: skip


def _rendered(aside: Settings, decisions: Decisions, as_of: datetime) -> Iterator[Any]:
    formatting = Formatting(aside.zone, aside.reporting_currency)
    extras = extras_of(aside, decisions.campaign, as_of)
    for due, profiles in decisions.due():
        yield render(decisions.campaign, due, liquid_rows(profiles, formatting), extras)


def _judged(row: Row, failed: set[str], campaign: Campaign) -> Row:
    """Return a row of the audience as a run would have it.

    It is held where its template fails, and not written where the campaign isn't live.
    """
    key = row.pop("message_key")
    if key in failed:
        return {**row, "status": "held", "reason": TEMPLATE_FAILED, "is_due": False}
    if row["is_due"] and not campaign.is_live:
        return {**row, "status": campaign.status, "reason": NOT_LIVE, "is_due": False}
    return row
