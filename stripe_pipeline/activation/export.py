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
from stripe_pipeline.activation.eligibility import ADDRESS_COLUMN, decide, deciding
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
from stripe_pipeline.activation.outbox import append, heal, log_rows
from stripe_pipeline.activation.templates import Template, TemplateError
from stripe_pipeline.activation.values import Reading, day_in, liquid_rows
from stripe_pipeline.errors import PipelineError
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.tables import ensure_tables
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.publish import newest_move, published_set

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
        PipelineError: nothing is published, a template fails on somebody's data, the home folder
            can't be written, or another export doesn't end.
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
    return newest is not None and as_of.astimezone(UTC) < newest.as_py()


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
    written: list[pa.Table] = []
    if digest:
        name = run_name(as_of, digest, live=settings.live_sends)
        folder = settings.exports / campaign.name / name
        written = _write(settings, decisions, as_of, folder)
    append(settings, [*written, withheld])
    return _report(settings, decisions, sum(rows.num_rows for rows in written))


def _write(
    settings: Settings, decisions: Decisions, as_of: datetime, folder: Path
) -> list[pa.Table]:
    """Write one export's folder; return its rows for the log."""
    campaign, logged = decisions.campaign, []
    extras = _extras(settings, campaign, as_of)
    reading = Reading(settings.zone, settings.reporting_currency)
    with export_folder(folder) as temporary:
        with MessageFiles(temporary, campaign, as_of) as files:
            for due, profiles in decisions.due():
                rows = log_rows(_with_reason(due, settings), campaign, as_of, export_id(folder))
                _write_messages(files, campaign, due, liquid_rows(profiles, reading), extras)
                files.log(rows)
                logged.append(rows)
        messages = sum(rows.num_rows for rows in logged)
        write_manifest(temporary, _facts(settings, decisions, as_of, folder, messages))
    return logged


def _write_messages(
    files: MessageFiles,
    campaign: Campaign,
    due: pa.RecordBatch,
    profiles: Iterator[Mapping[str, Any]],
    extras: Mapping[str, Any],
) -> None:
    subject, body = campaign.subject_template, campaign.body_template
    for message, profile in zip(due.to_pylist(), profiles, strict=True):
        message[ADDRESS_COLUMN[campaign.channel]] = message["address"]
        message["body"] = _rendered(campaign, "body", body, profile, extras).strip()
        if subject:
            text = _rendered(campaign, "subject", subject, profile, extras)
            # One line: a name with a line break must not become another header.
            message["subject"] = " ".join(text.split())
        files.write(message)


def _rendered(
    campaign: Campaign,
    key: str,
    template: Template,
    profile: Mapping[str, Any],
    extras: Mapping[str, Any],
) -> str:
    try:
        return template.render(profile, extras)
    except TemplateError as error:
        raise PipelineError(
            f"The {key} of campaign {campaign.name} can't be filled in for a customer: "
            f"{error.message} Correct the campaign and run again; nothing of it was exported."
        ) from None


def _extras(settings: Settings, campaign: Campaign, as_of: datetime) -> dict[str, Any]:
    return {
        "campaign": campaign.name,
        "segment": campaign.segment,
        "today": day_in(as_of, settings.zone),
        "reporting_currency": settings.reporting_currency,
    }


def _with_reason(due: pa.RecordBatch, settings: Settings) -> pa.Table:
    reason = pa.scalar(None if settings.live_sends else "live_sends_off", pa.string())
    return pa.Table.from_batches([due]).append_column("reason", pa.repeat(reason, due.num_rows))


def _facts(
    settings: Settings, decisions: Decisions, as_of: datetime, folder: Path, messages: int
) -> dict[str, Any]:
    campaign = decisions.campaign
    return {
        "export_id": export_id(folder),
        "campaign": campaign.name,
        "channel": campaign.channel,
        "segment": campaign.segment,
        "as_of": iso(as_of),
        "dry_run": not settings.live_sends,
        "messages": messages,
        "message_keys_sha256": decisions.keys_digest(),
        "counts": decisions.counts(),
    }


def _report(settings: Settings, decisions: Decisions, new_messages: int) -> CampaignReport:
    campaign = decisions.campaign
    mode = "live" if settings.live_sends else "dry_run"
    folders = finished_exports(settings.exports, campaign.name)
    ours = [path for path in folders if path.name.split("-")[1:2] == [mode]]
    folder = ours[-1] if ours else None
    example = first_message(folder, campaign.channel) if folder else None
    return CampaignReport(
        campaign.name, campaign.segment, campaign.channel, decisions.counts(), new_messages,
        folder, example,
    )  # fmt: skip
