"""What the next export does about earlier ones before it decides: a preview foresees that, too.

An export that was killed after its messages were recorded is finished by the next one, without the
people who have opted out since; one that was never recorded, as its log was lost, is recorded.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from stripe_pipeline.activation.campaign import Campaign
from stripe_pipeline.activation.files import export_id, is_live, unfinished_exports
from stripe_pipeline.activation.interrupted import outlook
from stripe_pipeline.activation.outbox import logged_exports, unlogged_exports
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.tables import OUTBOX_ENTRIES
from stripe_pipeline.settings import Settings

# Greater than every place of the log, whose files are named by their paths.
_FORESEEN = """
    create or replace temp table foreseen as
    select *, ('~', row_number() over ()) as place from expected
"""


Keys = frozenset[str]


def foresee(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    campaigns: Sequence[Campaign],
    as_of: datetime,
) -> dict[str, Keys]:
    """Add to the connection's log what the next export records first; nothing is written.

    Returns, by campaign, the keys of the messages that appear as soon as their interrupted export
    is finished. `settings` are those of the home that the exports are in.
    """
    rows = [OUTBOX_ENTRIES.empty_table(), *unlogged_exports(settings).values()]
    appearing: dict[str, Keys] = {}
    by_name = {one.name: one for one in campaigns}
    for folder in _to_finish(settings):
        name = folder.parent.name
        keys, taken_back = outlook(settings, connection, by_name.get(name), folder, as_of)
        rows.append(taken_back)
        appearing[name] = appearing.get(name, frozenset()) | keys
    expected = pa.concat_tables(rows)  # noqa: F841 (named in the SQL)
    connection.execute(_FORESEEN)
    connection.execute("alter view outbox_entries rename to recorded_entries")
    connection.execute(
        "create view outbox_entries as from recorded_entries union all by name from foreseen"
    )
    return appearing


def _to_finish(settings: Settings) -> Iterator[Path]:
    """Yield the folders of the interrupted exports that the next export finishes."""
    left = unfinished_exports(settings.exports)
    known = logged_exports(Lake(settings.lake)) if left else set()
    for folder in left:
        if export_id(folder) in known and (settings.live_sends or not is_live(folder)):
            yield folder
