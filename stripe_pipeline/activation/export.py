"""Export a channel's messages: decide, render, write the files, then record it in the outbox.

The order makes a crash harmless. Files are complete before their folder appears; the log learns of
them after that, and an export that the log missed is recorded at the start of the next one. So a
message is never lost, and never exported twice.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from filelock import FileLock, Timeout

from stripe_pipeline.activation.addresses import Channel
from stripe_pipeline.activation.campaigns import Campaign, load_campaigns
from stripe_pipeline.activation.decisions import Decisions
from stripe_pipeline.activation.eligibility import TEMPLATE_FAILED, decide, deciding
from stripe_pipeline.activation.erased import erase_from_exports
from stripe_pipeline.activation.files import (
    MessageFiles,
    export_folder,
    export_id,
    finished_exports,
    first_message,
    iso,
    remove_unfinished,
    run_name,
    write_manifest,
)
from stripe_pipeline.activation.outbox import append, heal, keys_digest, log_rows
from stripe_pipeline.activation.rendering import Rendered, extras_of, render, unlogged
from stripe_pipeline.activation.values import Reading, liquid_rows
from stripe_pipeline.errors import PipelineError
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.tables import ensure_tables
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.history import newest_move
from stripe_pipeline.warehouse.publish import published_set

EXPORT_PATIENCE_SECONDS = 600.0


@dataclass(frozen=True)
class CampaignReport:
    """What an export did for one campaign.

    `counts` holds the messages of all open stays, by status and then by reason ("" for none);
    `new_messages` of them were written now, into `folder`. Where none were, `folder` is the
    campaign's newest earlier export in the same mode, or None. `example` is that folder's first
    message: personal data, for a person's eyes and no log.
    """

    campaign: str
    segment: str
    channel: Channel
    counts: Mapping[str, Mapping[str, int]]
    new_messages: int
    folder: Path | None
    example: Mapping[str, Any] | None = field(repr=False)

    @property
    def failed(self) -> int:
        """Messages that are held because a template can't be filled in for their customer."""
        return self.counts.get("held", {}).get(TEMPLATE_FAILED, 0)


@dataclass(frozen=True)
class ExportReport:
    """What an export did. `is_late`: newer segment moves are recorded, so it did nothing new."""

    channel: Channel
    as_of: datetime
    is_dry_run: bool
    is_late: bool
    healed: list[Path]
    campaigns: list[CampaignReport]

    @property
    def new_messages(self) -> int:
        """Messages written now, over all campaigns."""
        return sum(campaign.new_messages for campaign in self.campaigns)


def export(settings: Settings, channel: Channel, as_of: datetime) -> ExportReport:
    """Write the messages that are due on a channel, each once ever.

    With live sends off the messages are rehearsed: exported once to a folder marked dry_run. When
    sends go live, those whose stay in the segment is still open are exported for real, once.
    A run whose `as_of` lies before the newest recorded segment move exports nothing.

    Raises:
        UsageError: a campaign file is wrong.
        PipelineError: nothing is published, the home folder can't be written, or another export
            doesn't end.
    """
    campaigns = [one for one in load_campaigns(settings) if one.channel == channel]
    with exporting(settings):
        ensure_tables(Lake(settings.lake))
        healed = heal(settings)
        is_late = _is_late(settings, as_of)
        reports = [] if is_late else _export_all(settings, campaigns, as_of)
    return ExportReport(channel, as_of, not settings.live_sends, is_late, healed, reports)


@contextmanager
def exporting(settings: Settings) -> Iterator[int]:
    """Hold the exports, so that two processes can't decide about the same message at once.

    What an export left that died is taken away, and who was erased meanwhile is taken out. Yields
    in how many exports that changed something.

    Raises:
        PipelineError: another export doesn't end, or the folder can't be written.
    """
    lock = FileLock(settings.home / ".export.lock", timeout=EXPORT_PATIENCE_SECONDS)
    try:
        settings.exports.mkdir(parents=True, exist_ok=True)
        with lock:
            remove_unfinished(settings.exports)
            yield erase_from_exports(settings)
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


def _is_late(settings: Settings, as_of: datetime) -> bool:
    newest = newest_move(Lake(settings.lake))
    return newest is not None and as_of.astimezone(UTC) < newest


def _export_all(
    settings: Settings, campaigns: list[Campaign], as_of: datetime
) -> list[CampaignReport]:
    with deciding(settings, published_set(settings)) as connection:
        return [
            _export_one(
                settings, decide(connection, campaign, as_of, live=settings.live_sends), as_of
            )
            for campaign in campaigns
        ]


def _export_one(settings: Settings, decisions: Decisions, as_of: datetime) -> CampaignReport:
    campaign = decisions.campaign
    digest = decisions.keys_digest()
    withheld = log_rows(decisions.withheld(), campaign, as_of)
    written = _Written()
    if digest:
        name = run_name(as_of, digest, live=settings.live_sends)
        written = _write(settings, decisions, as_of, settings.exports / campaign.name / name)
    failed = [log_rows(rows, campaign, as_of) for rows in unlogged(written.failed)]
    append(settings, [*written.logged, *failed, withheld])
    return _report(settings, decisions, written)


@dataclass(frozen=True)
class _Written:
    """The log's rows of an export's messages, and the messages whose template failed."""

    logged: list[pa.Table] = field(default_factory=list)
    failed: list[pa.Table] = field(default_factory=list)

    @property
    def messages(self) -> int:
        return sum(rows.num_rows for rows in self.logged)

    def counts(self, decisions: Decisions) -> dict[str, dict[str, int]]:
        failed = sum(rows.num_rows for rows in self.failed)
        return decisions.counts_without(failed, TEMPLATE_FAILED)


def _write(settings: Settings, decisions: Decisions, as_of: datetime, folder: Path) -> _Written:
    """Write one export's folder, or none where every template failed."""
    campaign, written = decisions.campaign, _Written()
    with export_folder(folder) as temporary:
        with MessageFiles(temporary, campaign, as_of) as files:
            for rendered in _rendered(settings, decisions, as_of):
                rows = _with_reason(rendered.due, settings)
                written.logged.append(log_rows(rows, campaign, as_of, export_id(folder)))
                written.failed.append(rendered.failed)
                files.log(written.logged[-1])
                for message in rendered.messages:
                    files.write(message)
        if written.messages:
            write_manifest(temporary, _facts(settings, decisions, as_of, folder, written))
    return written


def _rendered(settings: Settings, decisions: Decisions, as_of: datetime) -> Iterator[Rendered]:
    reading = Reading(settings.zone, settings.reporting_currency)
    extras = extras_of(settings, decisions.campaign, as_of)
    for due, profiles in decisions.due():
        yield render(decisions.campaign, due, liquid_rows(profiles, reading), extras)


def _with_reason(due: pa.RecordBatch, settings: Settings) -> pa.Table:
    reason = pa.scalar(None if settings.live_sends else "live_sends_off", pa.string())
    return pa.Table.from_batches([due]).append_column("reason", pa.repeat(reason, due.num_rows))


def _facts(
    settings: Settings, decisions: Decisions, as_of: datetime, folder: Path, written: _Written
) -> dict[str, Any]:
    campaign = decisions.campaign
    return {
        "export_id": export_id(folder),
        "campaign": campaign.name,
        "channel": campaign.channel,
        "body_format": campaign.body_format,
        "segment": campaign.segment,
        "as_of": iso(as_of),
        "dry_run": not settings.live_sends,
        "messages": written.messages,
        "message_keys_sha256": keys_digest(written.logged),
        "counts": written.counts(decisions),
    }


def _report(settings: Settings, decisions: Decisions, written: _Written) -> CampaignReport:
    campaign = decisions.campaign
    mode = "live" if settings.live_sends else "dry_run"
    folders = finished_exports(settings.exports, campaign.name)
    ours = [path for path in folders if path.name.split("-")[1:2] == [mode]]
    folder = ours[-1] if ours else None
    example = first_message(folder, campaign.channel) if folder else None
    return CampaignReport(
        campaign.name, campaign.segment, campaign.channel, written.counts(decisions),
        written.messages, folder, example,
    )  # fmt: skip
