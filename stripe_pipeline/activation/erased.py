"""Take erased customers out of the exports: their messages and what the manifests count.

How far that was done is noted beside the exports, as the number of the newest erasure then. Without
the note, or when a process died meanwhile, everything is looked at once more.
"""

import csv
import hashlib
import io
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq

from stripe_pipeline.activation.files import (
    ENTRIES,
    MANIFEST,
    described,
    finished_exports,
)
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.durable import replacing
from stripe_pipeline.lake.erasures import Erasures, load_erasures, without_erased
from stripe_pipeline.lake.tables import OUTBOX_ENTRIES
from stripe_pipeline.settings import Settings

NOTE = ".erased"


def erase_from_exports(settings: Settings) -> int:
    """Clean the exports of all who were erased since the last time; return how many had them.

    The caller holds the exports' lock. To do it again changes nothing.

    Raises:
        OSError: the disk is full, or an export can't be written.
    """
    erasures, note = load_erasures(Lake(settings.lake)), settings.exports / NOTE
    if not erasures.reasons or (note.exists() and note.read_text() == str(erasures.number)):
        return 0
    shutil.rmtree(settings.home / ".export.spill", ignore_errors=True)
    folders = finished_exports(settings.exports)
    cleaned = sum(_clean(folder, erasures) for folder in folders)
    settings.exports.mkdir(parents=True, exist_ok=True)
    with replacing(note) as file:
        file.write(str(erasures.number).encode())
    return cleaned


def _clean(folder: Path, erasures: Erasures) -> bool:
    """Write those files of an export anew that name an erased customer, and the manifest last."""
    gone, changed = erasures.reasons.keys(), False
    for path in sorted(folder.iterdir()):
        if path.suffix == ".jsonl":
            changed |= _replace(path, _without_lines(path.read_bytes(), gone))
        elif path.suffix == ".csv":
            changed |= _replace(path, _without_rows(path.read_bytes(), gone))
        elif path.name == ENTRIES:
            changed |= _clean_entries(path, erasures)
        elif path.name.endswith(".tmp"):
            path.unlink()
    _correct_manifest(folder)
    return changed


def _replace(path: Path, content: bytes) -> bool:
    if content == path.read_bytes():
        return False
    with replacing(path) as file:
        file.write(content)
    return True


def _without_lines(content: bytes, gone: Collection[str]) -> bytes:
    return b"".join(
        line
        for line in content.splitlines(keepends=True)
        if msgspec.json.decode(line)["stripe_customer_id"] not in gone
    )


def _without_rows(content: bytes, gone: Collection[str]) -> bytes:
    """A message may have line breaks, so a row may be several lines."""
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    place = rows[0].index("stripe_customer_id")
    kept = [row for row in rows if row[place] not in gone]
    if len(kept) == len(rows):
        return content
    written = io.StringIO(newline="")
    csv.writer(written).writerows(kept)
    return written.getvalue().encode()


def _clean_entries(path: Path, erasures: Erasures) -> bool:
    """The rows stay, which say that the messages went out; the addresses' hashes don't."""
    rows = pq.read_table(path, schema=OUTBOX_ENTRIES, partitioning=None)
    clean = without_erased(rows, erasures)
    if clean is not rows:
        with replacing(path) as file:
            pq.write_table(clean, file)
    return clean is not rows


def _correct_manifest(folder: Path) -> None:
    """Let the manifest say what is there now; a process may have died before it did."""
    path = folder / MANIFEST
    manifest: dict[str, Any] = msgspec.json.decode(path.read_bytes())
    files = {name: described(folder / name) for name in manifest["files"]}
    if files == manifest["files"]:
        return
    keys = [
        msgspec.json.decode(line)["message_key"]
        for line in (folder / f"{manifest['channel']}.jsonl").read_bytes().splitlines()
    ]
    erased = manifest["messages"] + manifest.get("erased_messages", 0) - len(keys)
    manifest |= {"messages": len(keys), "erased_messages": erased, "files": files}
    manifest["message_keys_sha256"] = hashlib.sha256("\n".join(sorted(keys)).encode()).hexdigest()
    with replacing(path) as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
