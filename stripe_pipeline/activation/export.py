"""Export a channel's messages: decide, render, write the files, record them, rename the folder.

The order makes it crash-safe: files are complete before the log records them, and recorded before
an atomic rename makes their folder visible. The next export finishes one that was killed in
between. So no message is lost or exported twice, even if folders are moved away.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
from filelock import FileLock, Timeout

from stripe_pipeline.activation.addresses import Channel
from stripe_pipeline.activation.campaign import Campaign
from stripe_pipeline.activation.campaigns import load_campaigns
from stripe_pipeline.activation.committing import write_and_commit
from stripe_pipeline.activation.decisions import Decisions
from stripe_pipeline.activation.eligibility import deciding
from stripe_pipeline.activation.erased import erase_from_exports
from stripe_pipeline.activation.files import finished_exports, first_message, is_live
from stripe_pipeline.activation.interrupted import (
    Finished,
    finish_interrupted,
    remove_unrecorded,
)
from stripe_pipeline.activation.outbox import heal
from stripe_pipeline.activation.previews.counted import counted_funnel, masked_sample
from stripe_pipeline.activation.previews.funnel import Row
from stripe_pipeline.activation.reasons import TEMPLATE_FAILED
from stripe_pipeline.activation.versions import record_version
from stripe_pipeline.activation.writing import Written
from stripe_pipeline.errors import PipelineError
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.tables import ensure_tables
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.history import late_after
from stripe_pipeline.warehouse.publish import published_set

EXPORT_PATIENCE_SECONDS = 600.0


@dataclass(frozen=True)
class CampaignReport:
    """The result of an export for one campaign.

    `counts` holds the messages of all open stays, by status and then by reason ("" for none);
    `new_messages` of them were written now, into `folder`. Where none were, `folder` is the
    campaign's newest earlier export in the same mode, or None. `example` is that folder's first
    message: personal data, not to be logged. `funnel` has the steps from the segment's members to
    the messages that were due, and `sample` a few of the people with their addresses masked.
    """

    campaign: str
    segment: str
    channel: Channel
    counts: Mapping[str, Mapping[str, int]]
    new_messages: int
    folder: Path | None
    example: Mapping[str, Any] | None = field(repr=False)
    funnel: Sequence[Row] = ()
    sample: Sequence[Row] = ()

    @property
    def failed(self) -> int:
        """The number of messages held because their template can't be rendered."""
        return self.counts.get("held", {}).get(TEMPLATE_FAILED, 0)


@dataclass(frozen=True)
class ExportReport:
    """The result of an export of one channel.

    `late_after` is the newest recorded segment move, where it is later than `as_of`: then nothing
    new was exported. `finished` are earlier, interrupted exports that this one finished. `resting`
    are the campaigns that aren't live, with their status: draft or retired. `unpublished` has the
    live ones that name a segment without published members, with its name: they wait for it.
    """

    channel: Channel
    as_of: datetime
    is_dry_run: bool
    late_after: datetime | None
    healed: list[Path]
    finished: Finished
    campaigns: list[CampaignReport]
    resting: Mapping[str, str] = field(default_factory=dict)
    unpublished: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_late(self) -> bool:
        """Whether newer segment moves are recorded than as-of, so that nothing new was exported."""
        return self.late_after is not None

    @property
    def new_messages(self) -> int:
        """Messages written now, over all campaigns."""
        return sum(campaign.new_messages for campaign in self.campaigns)


def export(settings: Settings, channel: Channel, as_of: datetime) -> ExportReport:
    """Export the messages that are due on a channel, each exactly once.

    With live sends off the messages are rehearsed: exported once to a folder marked dry_run. When
    sends go live, those whose stay in the segment is still open are exported for real, once.
    A run whose `as_of` lies before the newest recorded segment move exports nothing.

    Raises:
        UsageError: a campaign file is wrong.
        PipelineError: nothing is published, the home folder can't be written, or another export
            doesn't end.
    """
    known = load_campaigns(settings)
    ours = [one for one in known if one.channel == channel]
    with exporting(settings):
        ensure_tables(Lake(settings.lake))
        healed, published = heal(settings), published_set(settings)
        unpublished = _unpublished([one for one in ours if one.is_live], published)
        campaigns = [one for one in ours if one.is_live and one.name not in unpublished]
        with deciding(settings, published, campaigns) as connection:
            finished = finish_interrupted(settings, connection, known, as_of)
            late = late_after(settings, as_of)
            reports = [
                _export_one(settings, connection, campaign, as_of)
                for campaign in campaigns
                if late is None
            ]
    return ExportReport(
        channel, as_of, not settings.live_sends, late, healed, finished, reports,
        {one.name: one.status for one in ours if not one.is_live}, unpublished,
    )  # fmt: skip


def _unpublished(campaigns: Sequence[Campaign], published: Path) -> dict[str, str]:
    """Return the campaigns that name a segment which the published tables don't have.

    It would exclude no one, and a campaign that goes live without it would find all its members
    new with the next run.
    """
    return {
        one.name: segment
        for one in campaigns
        for segment in one.segments
        if not (published / f"segment_{segment}.parquet").exists()
    }


@contextmanager
def exporting(settings: Settings) -> Iterator[int]:
    """Hold the exports' lock, so that no two processes decide about the same message at once.

    First removes what a crashed export left unrecorded, and customers erased since the last export.
    Yields from how many exports erased customers were removed.

    Raises:
        PipelineError: another export doesn't end, or the folder can't be written.
    """
    lock = FileLock(settings.home / ".export.lock", timeout=EXPORT_PATIENCE_SECONDS)
    try:
        settings.exports.mkdir(parents=True, exist_ok=True)
        with lock:
            remove_unrecorded(settings)
            cleaned = erase_from_exports(settings)
            try:
                yield cleaned
            except Exception:
                remove_unrecorded(settings)
                raise
    except Timeout:
        raise PipelineError(
            f"Another export has been writing to {settings.exports} for "
            f"{EXPORT_PATIENCE_SECONDS:.0f} seconds; wait until it has finished and try again."
        ) from None
    except (OSError, duckdb.IOException) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error).splitlines()[0]
        raise PipelineError(
            f"The exports can't be written to {settings.exports} ({reason}); "
            "make room or give write permission and run again. Nothing half-written is left."
        ) from None


def _export_one(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    campaign: Campaign,
    as_of: datetime,
) -> CampaignReport:
    running = replace(campaign, version=record_version(settings, campaign, as_of))
    decisions, written = write_and_commit(settings, connection, running, as_of)
    funnel, sample = counted_funnel(decisions, written.failed), masked_sample(decisions)
    return replace(_report(settings, decisions, written), funnel=funnel, sample=sample)


def _report(settings: Settings, decisions: Decisions, written: Written) -> CampaignReport:
    campaign = decisions.campaign
    folders = finished_exports(settings.exports, campaign.name)
    ours = [path for path in folders if is_live(path) == settings.live_sends]
    folder = ours[-1] if ours else None
    example = first_message(folder, campaign.channel) if folder else None
    return CampaignReport(
        campaign.name, campaign.segment, campaign.channel, written.counts(decisions),
        written.messages, folder, example,
    )  # fmt: skip
