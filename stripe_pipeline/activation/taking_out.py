"""Remove messages from an export's files, and correct its manifest.

Each file is replaced atomically, the manifest last. Idempotent.
"""

import csv
import hashlib
import io
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from stripe_pipeline.activation.files import MANIFEST, described
from stripe_pipeline.files.durable import replacing


class Named(msgspec.Struct):
    """The identity of a message in a file: its key and its customer."""

    message_key: str
    stripe_customer_id: str


Chosen = Callable[[Named], bool]
_NAMED = msgspec.json.Decoder(Named)


def take_out(folder: Path, is_out: Chosen) -> bool:
    """Remove the chosen messages from the CSV and the JSON Lines; return whether there were any.

    Raises:
        OSError: the disk is full, or the folder can't be written.
    """
    changed = False
    for path in sorted(folder.iterdir()):
        if path.suffix == ".jsonl" and _has_any(messages_of(path), is_out):
            _copy_lines(path, is_out)
            changed = True
        elif path.suffix == ".csv" and _has_any(_rows_of(path), is_out):
            _copy_rows(path, is_out)
            changed = True
    return changed


def messages_of(lines: Path) -> Generator[Named]:
    """Yield the key and customer of each message of a file of JSON Lines."""
    with lines.open("rb") as file:
        yield from map(_NAMED.decode, file)


def is_whole(folder: Path) -> bool:
    """Return whether an export's files match its manifest's sizes and checksums."""
    try:
        files = msgspec.json.decode((folder / MANIFEST).read_bytes())["files"]
        return all(described(folder / name) == facts for name, facts in files.items())
    except (OSError, msgspec.DecodeError, KeyError):
        return False


def correct_manifest(folder: Path, counted_as: str) -> None:
    """Update the manifest to the folder's files; its field `counted_as` counts what was removed."""
    path = folder / MANIFEST
    manifest: dict[str, Any] = msgspec.json.decode(path.read_bytes())
    files = {name: described(folder / name) for name in manifest["files"]}
    if files == manifest["files"]:
        return
    named = messages_of(folder / f"{manifest['channel']}.jsonl")
    keys = sorted(message.message_key for message in named)
    gone = manifest["messages"] + manifest.get(counted_as, 0) - len(keys)
    manifest |= {"messages": len(keys), counted_as: gone, "files": files}
    manifest["message_keys_sha256"] = hashlib.sha256("\n".join(keys).encode()).hexdigest()
    with replacing(path) as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")


def _has_any(messages: Generator[Named], is_out: Chosen) -> bool:
    with closing(messages):
        return any(map(is_out, messages))


def _copy_lines(path: Path, is_out: Chosen) -> None:
    with path.open("rb") as source, replacing(path) as target:
        for line in source:
            if not is_out(_NAMED.decode(line)):
                target.write(line)


def _copy_rows(path: Path, is_out: Chosen) -> None:
    """Copy the rows that stay; parsed as CSV, because a message may have line breaks."""
    with path.open(encoding="utf-8", newline="") as source, replacing(path) as target:
        reader, text = csv.reader(source), io.TextIOWrapper(target, encoding="utf-8", newline="")
        writer, header = csv.writer(text), next(reader)
        writer.writerow(header)
        named = _namer(header)
        writer.writerows(row for row in reader if not is_out(named(row)))
        text.detach()


def _rows_of(path: Path) -> Generator[Named]:
    with path.open(encoding="utf-8", newline="") as source:
        reader = csv.reader(source)
        yield from map(_namer(next(reader)), reader)


def _namer(header: list[str]) -> Callable[[list[str]], Named]:
    """Return a function that reads the key and customer from a row."""
    key, customer = (header.index(name) for name in Named.__struct_fields__)
    return lambda row: Named(row[key], row[customer])
