"""Recover exports that were killed before their rename: finish the recorded ones, remove the rest.

The log records an export before its folder is renamed (committing.py). An unrecorded one is
removed. A recorded one is renamed now, unless its folder was in place before and moved away since:
then there is nothing left to finish, and nothing of it is exported again.
"""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from stripe_pipeline.activation.addresses import Channel
from stripe_pipeline.activation.campaign import Campaign
from stripe_pipeline.activation.eligibility import refresh, script, set_variables
from stripe_pipeline.activation.excluding import list_excluded
from stripe_pipeline.activation.files import (
    ENTRIES,
    appear,
    export_id,
    is_live,
    unfinished,
    unfinished_exports,
)
from stripe_pipeline.activation.outbox import LAKE_PATIENCE_SECONDS, append, logged_exports
from stripe_pipeline.activation.reasons import NOT_LIVE
from stripe_pipeline.activation.taking_out import correct_manifest, is_whole, take_out
from stripe_pipeline.activation.timing import judge_timing
from stripe_pipeline.files.durable import replacing
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.batches import LEDGER_PATIENCE_SECONDS
from stripe_pipeline.lake.erasures import load_erasures
from stripe_pipeline.lake.tables import OUTBOX_ENTRIES
from stripe_pipeline.settings import Settings


@dataclass(frozen=True)
class Finished:
    """Folders that were renamed now, and those that wait for live sends to be switched on."""

    appeared: list[Path] = field(default_factory=list)
    waiting: list[Path] = field(default_factory=list)


class _Message(msgspec.Struct):
    message_key: str
    stripe_customer_id: str
    email: str | None = None
    phone: str | None = None
    push_token: str | None = None

    @property
    def address(self) -> str | None:
        return self.email or self.phone or self.push_token


_MESSAGE = msgspec.json.Decoder(_Message)


def remove_unrecorded(settings: Settings) -> None:
    """Remove what an interrupted export wrote but didn't record; the caller holds the lock."""
    left = unfinished_exports(settings.exports)
    if left:
        known = logged_exports(Lake(settings.lake))
        for folder in left:
            if export_id(folder) not in known:
                shutil.rmtree(unfinished(folder))


def finish_interrupted(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    campaigns: Sequence[Campaign],
    as_of: datetime,
) -> Finished:
    """Finish the recorded exports, without the people who mustn't be written to any more.

    Those who opted out, met the campaign's goal or are excluded have their messages logged as held,
    and so are those that are outside its schedule now and all of a campaign that isn't live any
    more; they are decided again. A live export waits while sends are off. The caller holds
    the exports' lock and has removed what isn't recorded.

    Raises:
        PipelineError: another process holds the lake's lock for too long.
        OSError: the disk is full, or a folder can't be written.
    """
    finished, by_name = Finished(), {one.name: one for one in campaigns}
    for folder in unfinished_exports(settings.exports):
        if is_live(folder) and not settings.live_sends:
            finished.waiting.append(folder)
            continue
        lake = Lake(settings.lake)
        with lake.writing(LAKE_PATIENCE_SECONDS), lake.recording(LEDGER_PATIENCE_SECONDS):
            refresh(connection, settings)
            if _finish(lake, connection, by_name.get(folder.parent.name), folder, as_of):
                finished.appeared.append(folder)
    return finished


def outlook(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    campaign: Campaign | None,
    folder: Path,
    as_of: datetime,
) -> tuple[set[str], pa.Table]:
    """Return what finishing an interrupted export does: the keys that appear, and its log rows."""
    keys, taken_back = _judged(connection, campaign, folder, as_of)
    lines = next(unfinished(folder).glob("*.jsonl"), None)
    if not keys or lines is None or folder.exists():
        return set(), taken_back
    erased = load_erasures(Lake(settings.lake)).reasons
    left = (one.message_key for one in _messages(lines) if one.stripe_customer_id not in erased)
    return keys.intersection(left), taken_back


def _judged(
    connection: duckdb.DuckDBPyConnection,
    campaign: Campaign | None,
    folder: Path,
    as_of: datetime,
) -> tuple[set[str], pa.Table]:
    """Return the keys of the messages that still go out, and the log rows of the others."""
    sent = _sent(connection, folder, as_of)
    stopped = _stopped(connection, campaign, sent, unfinished(folder), as_of)
    # `sent` also leaves out what an earlier attempt has taken back.
    keys = set(sent["message_key"].to_pylist()) - stopped.keys()
    return keys, _taken_back(sent, stopped, as_of)


def _finish(
    lake: Lake,
    connection: duckdb.DuckDBPyConnection,
    campaign: Campaign | None,
    folder: Path,
    as_of: datetime,
) -> bool:
    temporary = unfinished(folder)
    keys, taken_back = _judged(connection, campaign, folder, as_of)
    append(lake, [taken_back])
    if not keys or folder.exists():
        shutil.rmtree(temporary)
        return False
    take_out(temporary, lambda message: message.message_key not in keys)
    _keep_entries(temporary / ENTRIES, keys)
    correct_manifest(temporary, "held_messages")
    appear(folder)
    return True


def _sent(connection: duckdb.DuckDBPyConnection, folder: Path, as_of: datetime) -> pa.Table:
    """Return the log's rows of an export, without those that were taken back."""
    utc = as_of.astimezone(UTC).replace(tzinfo=None)
    set_variables(connection, campaign=folder.parent.name, as_of=utc)
    connection.execute(script("sent", "email"))
    names = ", ".join(OUTBOX_ENTRIES.names)
    rows: pa.Table = connection.sql(
        f"select {names} from sent where export_id = ? order by place", params=[export_id(folder)]
    ).to_arrow_table()
    return rows.cast(OUTBOX_ENTRIES)


def _stopped(
    connection: duckdb.DuckDBPyConnection,
    campaign: Campaign | None,
    sent: pa.Table,
    temporary: Path,
    as_of: datetime,
) -> dict[str, str]:
    """Return the reason for each message to hold back; all of them if the folder is damaged."""
    keys = sent["message_key"].to_pylist()
    if not keys:
        return {}
    if campaign is None or not campaign.is_live:
        return dict.fromkeys(keys, NOT_LIVE)
    if not is_whole(temporary):
        return dict.fromkeys(keys, "interrupted")
    channel: Channel = sent["channel"][0].as_py()
    set_variables(connection, channel=channel)
    connection.execute(script("ledger", channel))
    connection.register("interrupted", _addresses(temporary / f"{channel}.jsonl"))
    _find_unwanted(connection, campaign, is_sent=sent["status"][0].as_py() == "exported")
    stopped = dict(connection.sql(script("interrupted", channel)).fetchall())
    judge_timing(connection, campaign, as_of, as_of, "interrupted")
    untimely = connection.sql(
        "select message_key, hold from interrupted join holds using (stripe_customer_id) "
        "where hold is not null"
    ).fetchall()
    return dict(untimely) | stopped


def _find_unwanted(
    connection: duckdb.DuckDBPyConnection, campaign: Campaign, *, is_sent: bool
) -> None:
    """Find the persons who have met the goal or are excluded; `is_sent`: not only rehearsed."""
    audience = campaign.audience
    set_variables(connection, goal=campaign.goal or "", not_in=list(audience.not_in), live=is_sent)
    list_excluded(connection, audience.not_listed)
    for step in ("members", "goal", "excluded"):
        connection.execute(script(step, campaign.channel))


def _addresses(lines: Path) -> pa.Table:
    """Return a table of each message's key, customer and address."""
    messages = list(_messages(lines))
    return pa.table(
        {
            "message_key": pa.array([one.message_key for one in messages], pa.string()),
            "stripe_customer_id": pa.array(
                [one.stripe_customer_id for one in messages], pa.string()
            ),
            "address": pa.array([one.address for one in messages], pa.string()),
        }
    )


def _messages(lines: Path) -> Iterator[_Message]:
    with lines.open("rb") as file:
        yield from map(_MESSAGE.decode, file)


def _taken_back(sent: pa.Table, stopped: dict[str, str], as_of: datetime) -> pa.Table:
    """Return log rows that take messages out of an export again."""
    now = datetime.now(UTC)
    rows = [
        row
        | {"status": "held", "reason": stopped[row["message_key"]]}
        | {"as_of": as_of.astimezone(UTC), "recorded_at": now}
        for row in sent.to_pylist()
        if row["message_key"] in stopped
    ]
    return pa.Table.from_pylist(rows, schema=OUTBOX_ENTRIES)


def _keep_entries(path: Path, keys: set[str]) -> None:
    rows = pq.read_table(path, schema=OUTBOX_ENTRIES, partitioning=None)
    chosen = [key in keys for key in rows["message_key"].to_pylist()]
    if not all(chosen):
        with replacing(path) as file:
            pq.write_table(rows.filter(pa.array(chosen, pa.bool_())), file, compression="zstd")
