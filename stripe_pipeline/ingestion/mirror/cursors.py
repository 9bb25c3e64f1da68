"""The cursors in the metadata of a resource's batches: the state of the sync.

Every batch of a resource has `resource`, `livemode`, `key` (a fingerprint), `api_version`, and

* `pass`: the full read that it belongs to or follows: `started_at` (Unix seconds),
  `events_from` (changes from that instant on are not in it), `is_complete`, `api_version`;
* `covers`: the windows of creation time that this batch finished reading, in that pass;
* `last_complete`: the newest finished pass, if that is another;
* `listed_to`: up to which creation time new objects have been listed, or null;
* `is_damaged`: a batch of the resource was lost, so earlier passes no longer count.

The batches of events also have `changes`: see changes.py. A batch carries forward what it doesn't
change itself, so the newest one has the whole state, except for the windows that an unfinished
pass has read.
"""

from collections.abc import Sequence

import msgspec

from stripe_pipeline.lake import Lake
from stripe_pipeline.stripe_client.catalog import API_VERSION
from stripe_pipeline.stripe_client.http.keys import Key
from stripe_pipeline.stripe_client.lists.windows import Window


class Pass(msgspec.Struct, frozen=True):
    """One full read of a resource; times are Unix seconds."""

    started_at: int
    events_from: int
    is_complete: bool = False
    api_version: str = API_VERSION


class Changes(msgspec.Struct, frozen=True):
    """How far the events were followed, and for which resources; times are Unix seconds.

    Events created before `since` are applied, as are those in `recent`; `listed_at` is when they
    were listed, by this machine's clock; `swept` is when each resource was last swept, and `listed`
    when its newest objects were last listed regardless of events.
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
        """The unfinished pass, if there is one."""
        return None if self.current is None or self.current.is_complete else self.current


def recorded_cursor(lake: Lake, resource: str) -> Cursor | None:
    """Return the newest cursor of a resource as it was written, None without one; for readers."""
    for batch in reversed(lake.batches(resource)):
        if found := batch.cursor():
            return msgspec.convert(found, Cursor)
    return None


def newest_cursor(lake: Lake, resource: str, key: Key) -> Cursor:
    """Return the newest cursor of a resource, or an empty one, for the next batch of this key."""
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
