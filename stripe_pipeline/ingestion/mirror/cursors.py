"""The cursors in the metadata of a resource's batches: what the sync knows of its own past.

Every batch of a resource says `resource`, `livemode`, `key` (a fingerprint), `api_version`, and

* `pass`: the reading of everything that it belongs to or follows: `started_at` (Unix seconds),
  `events_from` (changes from that instant on are not in it), `is_complete`, `api_version`;
* `covers`: the windows of creation time that this batch finished reading, in that pass;
* `last_complete`: the newest pass that was finished, if that is another;
* `listed_to`: up to which creation time new objects have been listed, or null;
* `is_damaged`: a batch of the resource was lost, so what earlier passes read no longer holds.

The batches of events also carry `changes`: see changes.py. A batch carries forward what it doesn't
change itself, so the newest one tells all, except which windows of an unfinished pass were read.
"""

from collections.abc import Sequence

import msgspec

from stripe_pipeline.lake import Lake
from stripe_pipeline.stripe_client.catalog import API_VERSION
from stripe_pipeline.stripe_client.http.keys import Key
from stripe_pipeline.stripe_client.lists.windows import Window


class Pass(msgspec.Struct, frozen=True):
    """One reading of everything a resource has."""

    started_at: int
    events_from: int
    is_complete: bool = False
    api_version: str = API_VERSION


class Changes(msgspec.Struct, frozen=True):
    """How far the events were followed, and for which resources that was done.

    Events created before `since` are done with, as are those in `recent`; `listed_at` is when, by
    this machine's clock; `swept` is when each resource was last compared as a whole, and `listed`
    when its newest objects were last listed, whatever the events said.
    """

    since: int
    recent: list[str]
    listed_at: int
    resources: list[str]
    swept: dict[str, int] = {}
    listed: dict[str, int] = {}


class Cursor(msgspec.Struct, frozen=True, rename={"current": "pass"}):
    """The cursor of one batch."""

    resource: str
    livemode: bool
    key: str = ""
    api_version: str = API_VERSION
    current: Pass | None = None
    covers: Sequence[Window] = ()
    last_complete: Pass | None = None
    listed_to: int | None = None
    changes: Changes | None = None
    is_damaged: bool = False

    @property
    def complete(self) -> Pass | None:
        """The newest finished pass."""
        finished = self.current is not None and self.current.is_complete
        return self.current if finished else self.last_complete

    @property
    def unfinished(self) -> Pass | None:
        """The pass that was begun and not finished, if there is one."""
        return None if self.current is None or self.current.is_complete else self.current


def recorded_cursor(lake: Lake, resource: str) -> Cursor | None:
    """Return the newest cursor of a resource as it was written, for somebody who only looks."""
    for batch in reversed(lake.batches(resource)):
        if found := batch.cursor():
            return msgspec.convert(found, Cursor)
    return None


def newest_cursor(lake: Lake, resource: str, key: Key) -> Cursor:
    """Return the newest cursor of a resource, or an empty one, for a batch to be written now."""
    cursor = recorded_cursor(lake, resource) or Cursor(resource, key.livemode)
    return msgspec.structs.replace(cursor, key=key.fingerprint)


def covered(lake: Lake, resource: str, unfinished: Pass) -> list[Window]:
    """Return the windows that the committed batches of an unfinished pass have read."""
    windows: list[Window] = []
    for batch in reversed(lake.batches(resource)):
        found = batch.cursor()
        cursor = msgspec.convert(found, Cursor) if found else None
        if cursor is None or cursor.unfinished != unfinished:
            break
        windows += cursor.covers
    return windows
