"""What the lake holds: every version of every Stripe object, and what the key could read."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

Body = dict[str, Any]


@dataclass(frozen=True)
class Version:
    """One version of an object, as it was read; `observed_at` is when."""

    body: Body
    is_deleted: bool
    observed_at: datetime


@dataclass
class Objects:
    """Every version by resource and id, oldest first, and the resources that can't be read."""

    versions: dict[str, dict[str, list[Version]]] = field(default_factory=dict)
    unreadable: frozenset[str] = frozenset()

    def add(self, resource: str, version: Version) -> None:
        """Record a version as newer than those seen before."""
        by_id = self.versions.setdefault(resource, {})
        by_id.setdefault(version.body["id"], []).append(version)

    def history(self, resource: str) -> dict[str, list[Version]]:
        """All versions of a resource's objects, by id."""
        return self.versions.get(resource, {})

    def live(self, resource: str) -> list[Body]:
        """The newest body of each object that isn't deleted."""
        newest = (versions[-1] for versions in self.history(resource).values())
        return [version.body for version in newest if not version.is_deleted]

    def last_body(self, resource: str) -> dict[str, Body]:
        """The newest real body of each object, deleted ones included."""
        bodies = {}
        for key, versions in self.history(resource).items():
            real = [version.body for version in versions if not version.is_deleted]
            if real:
                bodies[key] = real[-1]
        return bodies

    def can_read(self, resource: str) -> bool:
        """Whether the key may read a resource."""
        return resource not in self.unreadable

    @property
    def knows_refunds(self) -> bool:
        """Whether everything that counts as refunded may be read."""
        return all(map(self.can_read, ("refunds", "credit_notes", "invoice_payments")))


def read_lake(lake: Path) -> Objects:
    """Read a lake's object tables and what the key could read."""
    objects = Objects(unreadable=_unreadable(lake))
    for folder in sorted(path for path in lake.iterdir() if path.is_dir()):
        for row in _rows(folder):
            if "body" in row:
                deleted = row["is_deleted"]
                version = Version(json.loads(row["body"]), deleted, row["observed_at"])
                objects.add(folder.name, version)
    return objects


def _unreadable(lake: Path) -> frozenset[str]:
    newest: dict[str, bool] = {}
    for row in _rows(lake / "resource_access"):
        newest[row["resource"]] = row["is_readable"]
    return frozenset(name for name, readable in newest.items() if not readable)


def _rows(folder: Path) -> Iterator[dict[str, Any]]:
    """A table's rows in the order of writing: batch after batch, row after row."""
    for path in sorted(folder.glob("[0-9]*.parquet")):
        with pq.ParquetFile(path) as file:
            yield from file.read().to_pylist()


def id_of(reference: Any) -> str | None:
    """The id behind a reference, which Stripe gives as the id or as the whole object."""
    found: str | None = reference["id"] if isinstance(reference, dict) else reference
    return found
