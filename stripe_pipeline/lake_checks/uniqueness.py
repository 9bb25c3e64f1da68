"""Whether each id stands for one object, of which one version is the newest."""

from collections import Counter

import duckdb

from stripe_pipeline.lake import Lake
from stripe_pipeline.lake_checks.verdict import Verdict

# Two types under one id: a version of the one would hide the other.
_AMBIGUOUS = """
    select count(*) as ids, count(*) filter (ambiguous) as ambiguous
    from (
        select min(object) <> max(object) as ambiguous
        from read_parquet(?, hive_partitioning = false)
        group by id
    )
"""


def uniqueness_verdict(connection: duckdb.DuckDBPyConnection, lake: Lake, resource: str) -> Verdict:
    """Look for batches that claim the same place, and ids of more than one type.

    The newest version of an id is the last row of the latest batch; so it is one, unless two
    files bear one number. Reads the columns id and object.
    """
    batches = lake.batches(resource)
    numbers = Counter(batch.sequence for batch in batches)
    doubled = sum(count - 1 for count in numbers.values())
    if not batches:
        return Verdict(True, "Nothing is read yet.")
    paths = [str(batch.path) for batch in batches]
    row = connection.execute(_AMBIGUOUS, [paths]).fetchone()
    ids, ambiguous = row if row else (0, 0)
    found = {"ids": ids, "ids_of_two_types": ambiguous, "batches_with_one_number": doubled}
    if not doubled and not ambiguous:
        return Verdict(True, f"Each of {ids:,} ids has one newest version.", found)
    return Verdict(
        False,
        f"{ambiguous:,} ids are of two types, and {doubled:,} batches bear another's number, so "
        "which version is the newest can't be told; restore the lake from a backup, or start over "
        "in another STRIPE_PIPELINE_HOME.",
        found,
    )
