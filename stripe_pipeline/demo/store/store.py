"""The demo's account: every object, rendered once, in a SQLite file."""

import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from stripe_pipeline.demo.store.chance import Chance
from stripe_pipeline.demo.store.customers import deleted
from stripe_pipeline.demo.store.endpoints import BY_OBJECT, BY_RESOURCE
from stripe_pipeline.demo.store.events import event_body
from stripe_pipeline.demo.store.notices import deletion, notices
from stripe_pipeline.demo.store.rendering import Child, Row, children_of, row_of

Body = dict[str, Any]

# The sequence is the order of insertion: it orders objects of the same second.
SCHEMA = """
pragma journal_mode = wal;
pragma synchronous = off;
create table objects (
    sequence integer primary key,
    resource text not null, id text not null, created integer not null, status text,
    customer text, subscription text, invoice text, charge text, payment_intent text,
    test_clock text, is_listed integer not null, body blob not null, extras blob,
    unique (resource, id)
);
create table children (
    resource text not null, parent text not null, place integer not null, id text not null,
    body blob not null,
    primary key (resource, parent, place)
) without rowid;
"""
INDEXES = """
create index if not exists by_created on objects (resource, created, sequence);
create index if not exists by_customer on objects (customer, resource, created, sequence)
    where customer is not null;
create index if not exists by_subscription on objects (subscription, resource, created, sequence)
    where subscription is not null;
create index if not exists by_invoice on objects (invoice, resource, created, sequence)
    where invoice is not null;
create index if not exists by_charge on objects (charge, resource, created, sequence)
    where charge is not null;
create index if not exists by_intent on objects (payment_intent, resource, created, sequence)
    where payment_intent is not null;
create index if not exists by_status on objects (resource, status, created, sequence);
"""
COLUMNS = ", ".join(Row._fields)
# A changed object keeps its sequence, and so its position in the lists.
UPSERT = (
    f"insert into objects ({COLUMNS}) values ({', '.join('?' * len(Row._fields))}) "
    "on conflict (resource, id) do update set "
    + ", ".join(f"{name} = excluded.{name}" for name in Row._fields)
)
INSERT_CHILD = "insert into children (resource, parent, place, id, body) values (?, ?, ?, ?, ?)"
CHUNK = 2_000


class Store:
    """One account's objects; reads and changes may be made by different threads.

    Args:
        folder: where the SQLite file is made; by default a temporary folder, gone on `close`.
        now: the present in Unix seconds, for the events' 30 days and the dates of changes; by
            default the clock's.
    """

    def __init__(self, folder: Path | None = None, now: int | None = None) -> None:
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="demo-store-")
        self.path = (folder or Path(self._temporary.name if self._temporary else "")) / "store.db"
        self._now = now
        self._chance = Chance("changes")
        self._writing = threading.Lock()
        self._writer = sqlite3.connect(self.path, check_same_thread=False)
        self._writer.executescript(SCHEMA)
        # A second connection, so that readers see committed changes only.
        self.reader = sqlite3.connect(self.path, check_same_thread=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, and remove the folder if it is a temporary one."""
        self.reader.close()
        self._writer.close()
        if self._temporary:
            self._temporary.cleanup()

    @property
    def now(self) -> int:
        """The present of this account, in Unix seconds."""
        return int(time.time()) if self._now is None else self._now

    @now.setter
    def now(self, moment: int) -> None:
        self._now = moment

    def load(self, objects: Iterable[Body]) -> int:
        """Store many objects without recording events; return their number."""
        count, rows, children = 0, [], []
        with self._writing:
            for whole in objects:
                count += 1
                rows.append(row_of(whole))
                children += children_of(whole)
                if len(rows) >= CHUNK:
                    self._write(rows, children)
                    rows, children = [], []
            self._write(rows, children)
            self._writer.executescript(INDEXES + "analyze;")
        return count

    def put(self, whole: Body, at: int | None = None, silently: bool = False) -> list[str]:
        """Create or change an object and record its events; return their types.

        Args:
            whole: the object with its nested lists complete, as `read` gives it.
            at: when it happened, by default now.
            silently: record no event, as for a change by the clock alone (`coupon.valid`).
        """
        before = self.read(BY_OBJECT[whole["object"]].resource, whole["id"])
        told = [] if silently else notices(before, whole)
        events = [self._event(kind, whole, previous, at) for kind, previous in told]
        with self._writing:
            self._write([row_of(body) for body in (whole, *events)], children_of(whole), whole)
        return [kind for kind, _ in told]

    def delete(self, resource: str, identifier: str, at: int | None = None) -> None:
        """Delete an object and record the event, where Stripe has one.

        A customer's stub stays, as Stripe keeps it.

        Raises:
            KeyError: there is no such object.
        """
        whole = self.read(resource, identifier)
        if whole is None or whole.get("deleted"):
            raise KeyError(identifier)
        told = [self._event(kind, whole, None, at) for kind in deletion(whole["object"])]
        events = [row_of(event) for event in told]
        with self._writing:
            self._writer.execute(
                "delete from children where resource = ? and parent = ?", (resource, identifier)
            )
            if resource == "customers":
                stub = row_of(deleted("customer", identifier))
                self._write([stub._replace(created=whole["created"]), *events], [])
                return
            self._writer.execute(
                "delete from objects where resource = ? and id = ?", (resource, identifier)
            )
            self._write(events, [])

    def read(self, resource: str, identifier: str) -> Body | None:
        """Return an object with its hidden fields and complete nested list; None if unknown."""
        found = self.find(resource, identifier)
        if found is None:
            return None
        whole: Body = msgspec.json.decode(found[0]) | msgspec.json.decode(found[1] or b"{}")
        nested = BY_RESOURCE[resource].nested
        entries = self.children(resource, identifier)
        if nested and entries:
            decoded = [msgspec.json.decode(body) for _, body in entries]
            whole[nested.field] = whole[nested.field] | {"data": decoded, "has_more": False}
        return whole

    def find(self, resource: str, identifier: str) -> tuple[bytes, bytes | None] | None:
        """Return an object's body as Stripe shows it, and its hidden fields; None if unknown."""
        rows = self.reader.execute(
            "select body, extras from objects where resource = ? and id = ?",
            (resource, identifier),
        )
        found: tuple[bytes, bytes | None] | None = rows.fetchone()
        return found

    def children(self, resource: str, parent: str) -> list[tuple[str, bytes]]:
        """Return the (id, body) of a long nested list, in order; [] when it is embedded whole."""
        return self.reader.execute(
            "select id, body from children where resource = ? and parent = ? order by place",
            (resource, parent),
        ).fetchall()

    def count(self, resource: str) -> int:
        """Return the number of a resource's objects, deleted and unlisted ones included."""
        query = "select count(*) from objects where resource = ?"
        number: int = self.reader.execute(query, (resource,)).fetchone()[0]
        return number

    def _event(self, kind: str, whole: Body, previous: Body | None, at: int | None) -> Body:
        return event_body(self._chance, kind, self.now if at is None else at, whole, previous)

    def _write(self, rows: list[Row], children: list[Child], changed: Body | None = None) -> None:
        if changed is not None:
            self._writer.execute(
                "delete from children where resource = ? and parent = ?",
                (rows[0].resource, changed["id"]),
            )
        self._writer.executemany(UPSERT, rows)
        self._writer.executemany(INSERT_CHILD, children)
        self._writer.commit()
