"""Check that each id is of one object, with one newest version."""

from collections import Counter
from collections.abc import Set

import duckdb

from stripe_pipeline.files.patterns import exactly
from stripe_pipeline.lake import Batch, Lake
from stripe_pipeline.lake_checks.verdict import Verdict
from stripe_pipeline.values.words import agreeing, counted

# Two types under one id: the newer object would hide the other.
_AMBIGUOUS = """
    select count(*) as ids, count(*) filter (ambiguous) as ambiguous
    from (
        select min(object) <> max(object) as ambiguous
        from read_parquet(?, hive_partitioning = false)
        group by id
    )
"""


def uniqueness_verdict(connection: duckdb.DuckDBPyConnection, lake: Lake, resource: str) -> Verdict:
    """Look for batches with the same number, and for ids of more than one type.

    The newest version of an id is the last row of the latest batch, so it is unique unless two
    files have one number. Where the files' statistics name one type for all rows, no row is read:
    this check runs after each sync, however long the history.
    """
    batches = lake.batches(resource)
    numbers = Counter(batch.sequence for batch in batches)
    doubled = sum(count - 1 for count in numbers.values())
    if not batches:
        return Verdict(True, "Nothing is read yet.")
    if not doubled and len(set().union(*map(_types, batches))) <= 1:
        versions = sum(batch.rows() for batch in batches)
        found = {"versions": versions, "ids_of_two_types": 0, "batches_with_one_number": 0}
        return Verdict(
            True, f"All {versions:,} versions are of one type, each in its place.", found
        )
    paths = [exactly(batch.path) for batch in batches]
    row = connection.execute(_AMBIGUOUS, [paths]).fetchone()
    ids, ambiguous = row if row else (0, 0)
    found = {"ids": ids, "ids_of_two_types": ambiguous, "batches_with_one_number": doubled}
    if not doubled and not ambiguous:
        return Verdict(True, f"Each of {counted(ids, 'id')} has one newest version.", found)
    return Verdict(
        False,
        f"{counted(ambiguous, 'id')} {agreeing(ambiguous, 'is', 'are')} of two types, and "
        f"{counted(doubled, 'batch', 'batches')} {agreeing(doubled, 'has', 'have')} another's "
        "number, so "
        "which version is the newest can't be told; restore the lake from a backup, or start over "
        "in another STRIPE_PIPELINE_HOME.",
        found,
    )


def _types(batch: Batch) -> Set[str]:
    """Return the min and max type of each row group; two types where statistics are missing."""
    with batch.open() as file:
        metadata = file.metadata
        column = metadata.schema.names.index("object")
        groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
        found = [group.column(column).statistics for group in groups if group.num_rows]
    bounds = [(each.min, each.max) if each and each.has_min_max else ("", "?") for each in found]
    return {str(value) for pair in bounds for value in pair}
