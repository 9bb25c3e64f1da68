"""The outbox's log: each message's status, an append-only table of the lake."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stripe_pipeline.activation.campaign import Campaign
from stripe_pipeline.activation.files import ENTRIES, export_id, finished_exports
from stripe_pipeline.errors import PipelineError
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.erasures import load_erasures, without_erased
from stripe_pipeline.lake.tables import OUTBOX_ENTRIES
from stripe_pipeline.settings import Settings

# A sync that is reading Stripe may hold the lake for minutes.
LAKE_PATIENCE_SECONDS = 600.0


def log_rows(
    decided: pa.Table, campaign: Campaign, as_of: datetime, export: str | None = None
) -> pa.Table:
    """Return log rows for decisions; `export` is the id of the export that holds their messages.

    Decisions that name an export or a version themselves keep it.
    """
    constants: dict[str, Any] = {
        "campaign": campaign.name,
        "channel": campaign.channel,
        "segment": campaign.segment,
        "export_id": export,
        "as_of": as_of.astimezone(UTC),
        "recorded_at": datetime.now(UTC),
        "campaign_version": campaign.version,
    }
    if export is None:
        # Rows about earlier messages say themselves of which export and version those are.
        for own in {"export_id", "campaign_version"} & set(decided.column_names):
            del constants[own]
    columns = [
        pa.repeat(pa.scalar(constants[field.name], field.type), decided.num_rows)
        if field.name in constants
        else decided.column(field.name).cast(field.type)
        for field in OUTBOX_ENTRIES
    ]
    return pa.table(columns, schema=OUTBOX_ENTRIES)


def keys_digest(rows: list[pa.Table]) -> str:
    """Return a digest of the keys of log rows, whatever their order."""
    keys = sorted(key for table in rows for key in table["message_key"].to_pylist())
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()


def append(lake: Lake, rows: list[pa.Table]) -> None:
    """Append rows to the log atomically, as one batch.

    The caller holds the lake's lock.
    """
    batch = pa.concat_tables([OUTBOX_ENTRIES.empty_table(), *rows])
    if batch.num_rows:
        lake.append("outbox_entries", without_erased(batch, load_erasures(lake)), cursor={})


def heal(settings: Settings) -> list[Path]:
    """Record the finished exports that are missing from the log, and return their folders.

    The log was lost, or they are of a version that recorded an export after its rename.
    The caller holds the exports' lock.

    Raises:
        PipelineError: such a folder's entries can't be read.
    """
    lake, found = Lake(settings.lake), unlogged_exports(settings)
    for rows in found.values():
        with lake.writing(LAKE_PATIENCE_SECONDS):
            append(lake, [rows])
    return list(found)


def unlogged_exports(settings: Settings) -> dict[Path, pa.Table]:
    """Return the finished exports that are missing from the log, each with its rows for it.

    Raises:
        PipelineError: such a folder's entries can't be read.
    """
    known, found = logged_exports(Lake(settings.lake)), {}
    for folder in finished_exports(settings.exports):
        if export_id(folder) in known:
            continue
        rows = entries_of(folder)
        # A copied or renamed folder is recognised by the export id in its entries.
        if not known.issuperset(rows["export_id"].unique().to_pylist()):
            found[folder] = rows
    return found


def entries_of(folder: Path) -> pa.Table:
    """Return the log rows that an export keeps in its own folder."""
    try:
        return pq.read_table(folder / ENTRIES, schema=OUTBOX_ENTRIES, partitioning=None)
    except (OSError, pa.ArrowInvalid):
        raise PipelineError(
            f"The export {folder} was never recorded, and its {ENTRIES} can't be read, so no one "
            "can tell who got its messages; restore that file, or move the folder away if none of "
            "them was sent."
        ) from None


def logged_exports(lake: Lake) -> set[str]:
    """Return the ids of all exports in the log."""
    known: set[str] = set()
    for batch in lake.read("outbox_entries", ["export_id"]):
        known.update(pc.unique(batch["export_id"]).drop_null().to_pylist())
    return known
