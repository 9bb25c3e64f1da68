"""One export's files: a folder that an atomic rename makes visible.

    exports/<campaign>/<run>/
        email.csv, email.jsonl   or sms, or push: the messages
        entries.parquet          what the export adds to the outbox's log
        manifest.json            what this is, counts, and a checksum of each file

The folder is written elsewhere, synced to disk, recorded in the outbox's log and renamed
(see committing.py).
"""

import csv
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from stripe_pipeline.activation.campaign import Campaign
from stripe_pipeline.activation.csv_cells import neutralise
from stripe_pipeline.files.durable import replacing, sync_file, sync_folder
from stripe_pipeline.lake.tables import OUTBOX_ENTRIES

MANIFEST = "manifest.json"
ENTRIES = "entries.parquet"
MANIFEST_FORMAT = 1
UNFINISHED = ".exporting"

COLUMNS = {
    "email": (
        "message_key", "campaign", "stripe_customer_id", "email", "subject", "body", "body_format",
        "occasion", "as_of", "preheader", "text", "campaign_version",
    ),
    "sms": (
        "message_key", "campaign", "stripe_customer_id", "phone", "body", "occasion", "as_of",
        "campaign_version",
    ),
    "push": (
        "message_key", "campaign", "stripe_customer_id", "push_token", "title", "body", "link",
        "occasion", "as_of", "campaign_version",
    ),
}  # fmt: skip
# Written without neutralising; an address that a spreadsheet would compute isn't exported.
ADDRESSES = ("email", "phone", "push_token")


def iso(instant: datetime) -> str:
    """Return an instant in UTC as ISO 8601, with a Z."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def run_name(as_of: datetime, keys_digest: str, *, live: bool) -> str:
    """Return the name of an export's folder: from the as-of instant and messages, not the clock."""
    mode = "live" if live else "dry_run"
    return f"{as_of.astimezone(UTC):%Y%m%dT%H%M%SZ}-{mode}-{keys_digest[:12]}"


def is_live(folder: Path) -> bool:
    """Return whether an export is a live one, by its folder's name."""
    return folder.name.split("-")[1:2] == ["live"]


class MessageFiles:
    """The open files of one export."""

    def __init__(self, folder: Path, campaign: Campaign, as_of: datetime) -> None:
        self.folder = folder
        self._campaign = campaign
        self._as_of = iso(as_of)
        self._columns = COLUMNS[campaign.channel]
        self._files = ExitStack()
        self._encoder = msgspec.json.Encoder()

    def __enter__(self) -> "MessageFiles":
        channel = self._campaign.channel
        csv_file = self._files.enter_context(
            (self.folder / f"{channel}.csv").open("w", encoding="utf-8", newline="")
        )
        self._lines = self._files.enter_context((self.folder / f"{channel}.jsonl").open("wb"))
        self._entries = self._files.enter_context(
            pq.ParquetWriter(self.folder / ENTRIES, OUTBOX_ENTRIES, compression="zstd")
        )
        self._rows = csv.writer(csv_file)
        self._rows.writerow(self._columns)
        return self

    def __exit__(self, *error: object) -> None:
        self._files.close()

    def write(self, message: dict[str, str]) -> None:
        """Add a message: its key, customer, address, occasion and texts."""
        full = {
            **message,
            "campaign": self._campaign.name,
            "body_format": self._campaign.body_format,
            "as_of": self._as_of,
            "campaign_version": str(self._campaign.version or ""),
        }
        record = {column: full.get(column, "") for column in self._columns}
        self._lines.write(self._encoder.encode(record) + b"\n")
        self._rows.writerow(
            [value if name in ADDRESSES else neutralise(value) for name, value in record.items()]
        )

    def log(self, entries: pa.Table) -> None:
        """Add the log's rows of these messages."""
        self._entries.write_table(entries)


@contextmanager
def unfinished_folder(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder to write in; its files are synced to disk when the block ends.

    `appear` renames it to `folder`. An error in the block removes it.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = unfinished(folder)
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        temporary.mkdir(parents=True)
        yield temporary
        for path in temporary.iterdir():
            sync_file(path)
        for each in (temporary, *list(temporary.parents)[:3]):
            sync_folder(each)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def unfinished(folder: Path) -> Path:
    """Return the path at which an export is written before it is renamed to `folder`.

    It is in `<home>/.exporting`, out of reach of scripts that pick up finished exports; where the
    exports are on another disk, a dot name beside the folder, as a rename can't cross disks.
    """
    beside = folder.with_name(f".{folder.name}.tmp")
    if beside.exists() or _device(folder.parent) != _device(folder.parents[2]):
        return beside
    return folder.parents[2] / UNFINISHED / folder.parent.name / folder.name


def unfinished_exports(exports: Path) -> list[Path]:
    """Return the final folders of the exports that were interrupted before their rename."""
    beside = (path.with_name(path.name[1 : -len(".tmp")]) for path in exports.glob("*/.*.tmp"))
    apart = (
        exports / path.parent.name / path.name for path in (exports.parent / UNFINISHED).glob("*/*")
    )
    return sorted({*beside, *apart})


def appear(folder: Path) -> None:
    """Rename a completely written folder into place, atomically.

    Raises:
        OSError: it can't be renamed.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished(folder).rename(folder)
    # A script may have moved it away already, with its campaign's folder.
    with suppress(FileNotFoundError):
        sync_folder(folder.parent)
        sync_folder(folder.parent.parent)


def _device(folder: Path) -> int:
    """Return the device that a folder is on, or will be."""
    while not folder.exists():
        folder = folder.parent
    return folder.stat().st_dev


def write_manifest(folder: Path, facts: dict[str, Any]) -> None:
    """Describe an export, with size in bytes and SHA-256 of each of its files."""
    paths = sorted(path for path in folder.iterdir() if path.name != MANIFEST)
    files = {path.name: described(path) for path in paths}
    manifest = {"format": MANIFEST_FORMAT, **facts, "files": files}
    with replacing(folder / MANIFEST) as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")


def described(path: Path) -> dict[str, Any]:
    """Return the size of a file in bytes and its SHA-256, as a manifest has them."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"bytes": path.stat().st_size, "sha256": digest}


def finished_exports(exports: Path, campaign: str = "*") -> list[Path]:
    """Return the exports' folders, of all campaigns or of one, oldest first within each."""
    return sorted(path.parent for path in exports.glob(f"{campaign}/[!.]*/{MANIFEST}"))


def first_message(folder: Path, channel: str) -> dict[str, Any] | None:
    """Return the first message of an export, as an example; None where there is none."""
    try:
        with (folder / f"{channel}.jsonl").open("rb") as file:
            line = file.readline()
    except FileNotFoundError:  # moved away
        return None
    return msgspec.json.decode(line) if line else None


def export_id(folder: Path) -> str:
    """Return an export's id in the log: <campaign>/<run>."""
    return f"{folder.parent.name}/{folder.name}"
