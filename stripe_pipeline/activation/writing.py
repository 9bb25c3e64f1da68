"""Write an export's messages into its temporary folder."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from stripe_pipeline.activation.decisions import Decisions
from stripe_pipeline.activation.files import (
    ENTRIES,
    MessageFiles,
    export_id,
    iso,
    run_name,
    unfinished,
    unfinished_folder,
    write_manifest,
)
from stripe_pipeline.activation.outbox import entries_of, keys_digest, log_rows
from stripe_pipeline.activation.reasons import TEMPLATE_FAILED
from stripe_pipeline.activation.rendering import Rendered, extras_of, render
from stripe_pipeline.activation.taking_out import take_out
from stripe_pipeline.activation.values import Formatting, liquid_rows
from stripe_pipeline.files.durable import replacing
from stripe_pipeline.settings import Settings


@dataclass(frozen=True)
class Written:
    """A written export: its final folder, None if it has no messages, and what failed.

    `failed` are the messages whose template failed, as rows for the log.
    """

    folder: Path | None = None
    messages: int = 0
    failed: list[pa.Table] = field(default_factory=list)

    def counts(self, decisions: Decisions) -> dict[str, dict[str, int]]:
        """Count all messages of the campaign, by status and reason."""
        failed = sum(rows.num_rows for rows in self.failed)
        return decisions.counts_without(failed, TEMPLATE_FAILED)

    def logged(self) -> list[pa.Table]:
        """Return the messages' rows for the log."""
        return [entries_of(unfinished(self.folder))] if self.folder else []


def write(settings: Settings, decisions: Decisions, as_of: datetime) -> Written:
    """Write the messages that are due, or nothing where there are none or every template failed.

    Raises:
        OSError: the disk is full, or the folder can't be written; nothing is left.
    """
    digest = decisions.keys_digest()
    if not digest:
        return Written()
    name = run_name(as_of, digest, live=settings.live_sends)
    folder = settings.exports / decisions.campaign.name / name
    with unfinished_folder(folder) as temporary:
        written = _write_messages(settings, decisions, as_of, folder)
        if written.folder:
            write_manifest(temporary, _facts(settings, decisions, as_of, written))
    return _with_a_folder(written, folder)


def reduce(settings: Settings, decisions: Decisions, as_of: datetime, written: Written) -> Written:
    """Remove written messages that newer decisions no longer call due; return what is left.

    Messages that they newly call due are left to the next export.

    Raises:
        OSError: the disk is full, or the folder can't be written.
    """
    decisions.leave_to_the_next([*written.logged(), *written.failed])
    failed = [decisions.still_due(rows) for rows in written.failed]
    if not written.folder:
        return replace(written, failed=failed)
    temporary = unfinished(written.folder)
    entries = entries_of(temporary)
    kept = decisions.still_due(entries)
    if kept.num_rows < entries.num_rows:
        keys = set(kept["message_key"].to_pylist())
        take_out(temporary, lambda message: message.message_key not in keys)
        with replacing(temporary / ENTRIES) as file:
            pq.write_table(kept, file, compression="zstd")
    reduced = Written(written.folder if kept.num_rows else None, kept.num_rows, failed)
    if reduced.folder:
        write_manifest(temporary, _facts(settings, decisions, as_of, reduced))
    return _with_a_folder(reduced, written.folder)


def _with_a_folder(written: Written, folder: Path) -> Written:
    """Remove the temporary folder of an export without messages; return the export."""
    if not written.folder:
        shutil.rmtree(unfinished(folder))
    return written


def _write_messages(
    settings: Settings, decisions: Decisions, as_of: datetime, folder: Path
) -> Written:
    campaign, messages, failed = decisions.campaign, 0, []
    with MessageFiles(unfinished(folder), campaign, as_of) as files:
        for rendered in _rendered(settings, decisions, as_of):
            rows = _with_reason(rendered.due, settings)
            files.log(log_rows(rows, campaign, as_of, export_id(folder)))
            for message in rendered.messages:
                files.write(message)
            messages += rows.num_rows
            failed.append(rendered.failed)
    return Written(folder if messages else None, messages, failed)


def _rendered(settings: Settings, decisions: Decisions, as_of: datetime) -> Iterator[Rendered]:
    formatting = Formatting(settings.zone, settings.reporting_currency)
    extras = extras_of(settings, decisions.campaign, as_of)
    for due, profiles in decisions.due():
        yield render(decisions.campaign, due, liquid_rows(profiles, formatting), extras)


def _with_reason(due: pa.RecordBatch, settings: Settings) -> pa.Table:
    reason = pa.scalar(None if settings.live_sends else "live_sends_off", pa.string())
    return pa.Table.from_batches([due]).append_column("reason", pa.repeat(reason, due.num_rows))


def _facts(
    settings: Settings, decisions: Decisions, as_of: datetime, written: Written
) -> dict[str, Any]:
    campaign = decisions.campaign
    assert written.folder
    return {
        "export_id": export_id(written.folder),
        "campaign": campaign.name,
        "campaign_version": campaign.version,
        "channel": campaign.channel,
        "body_format": campaign.body_format,
        "segment": campaign.segment,
        "as_of": iso(as_of),
        "dry_run": not settings.live_sends,
        "messages": written.messages,
        "message_keys_sha256": keys_digest(written.logged()),
        "counts": written.counts(decisions),
    }
