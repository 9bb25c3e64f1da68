"""Commit an export: record it in the outbox's log, then rename its folder into place.

Both happen under the lake's lock, which an erasure takes, and the ledgers' lock, which recording an
opt-out or a suppression takes: what is recorded before the folder appears still counts. An export
that is killed between the two steps is finished by the next one (interrupted.py).
"""

from datetime import datetime

import duckdb

from stripe_pipeline.activation.campaign import Campaign
from stripe_pipeline.activation.decisions import Decisions
from stripe_pipeline.activation.eligibility import decide, ledgers_state, refresh
from stripe_pipeline.activation.files import appear
from stripe_pipeline.activation.outbox import LAKE_PATIENCE_SECONDS, append, log_rows
from stripe_pipeline.activation.rendering import unlogged
from stripe_pipeline.activation.writing import Written, reduce, write
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.batches import LEDGER_PATIENCE_SECONDS
from stripe_pipeline.settings import Settings


def write_and_commit(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    campaign: Campaign,
    as_of: datetime,
) -> tuple[Decisions, Written]:
    """Decide about a campaign's messages, then write, record and rename those that are due.

    Raises:
        PipelineError: another process holds the lake's lock for too long.
        OSError: the disk is full, or a folder can't be written. What is recorded by then is
            finished by the next export; nothing else is left.
    """
    seen = ledgers_state(settings)
    decisions = decide(connection, campaign, as_of, live=settings.live_sends)
    written = write(settings, decisions, as_of)
    lake = Lake(settings.lake)
    with lake.writing(LAKE_PATIENCE_SECONDS), lake.recording(LEDGER_PATIENCE_SECONDS):
        if ledgers_state(settings) != seen:
            refresh(connection, settings)
            decisions = decide(connection, campaign, as_of, live=settings.live_sends)
            written = reduce(settings, decisions, as_of, written)
        _record(lake, decisions, written, as_of)
        # After an error from here on, the next export renames the folder.
        if written.folder:
            appear(written.folder)
    return decisions, written


def _record(lake: Lake, decisions: Decisions, written: Written, as_of: datetime) -> None:
    campaign = decisions.campaign
    withheld = [decisions.withheld(), decisions.further_news(), *unlogged(written.failed)]
    append(lake, [*written.logged(), *(log_rows(rows, campaign, as_of) for rows in withheld)])
