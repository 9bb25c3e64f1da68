"""Questions that decide whether messages go out: did every check pass, and who is in a segment."""

from collections.abc import Iterable
from pathlib import Path

import dagster as dg
import duckdb


def failed_checks(instance: dg.DagsterInstance, specs: Iterable[dg.AssetCheckSpec]) -> list[str]:
    """Name the blocking checks whose latest result is a failure, as `<asset>: <check>`."""
    keys = [spec.key for spec in specs if spec.blocking]
    latest = instance.event_log_storage.get_latest_asset_check_execution_by_key(keys)
    return sorted(
        f"{key.asset_key.to_user_string()}: {key.name}"
        for key, record in latest.items()
        if record.status.value == "FAILED" and not _only_warned(record.evaluation)
    )


def _only_warned(evaluation: dg.AssetCheckEvaluation | None) -> bool:
    return evaluation is not None and evaluation.severity == dg.AssetCheckSeverity.WARN


def membership_version(published: Path) -> str:
    """A digest of who is in which segment since when, the same for the same members.

    `published` is a folder of published marts.
    """
    with duckdb.connect() as connection:
        row = connection.execute(
            """
            select count(*), bit_xor(md5_number(
                concat_ws('|', segment, stripe_customer_id, entered_at)
            ))
            from read_parquet(?)
            """,
            [str(published / "segment_members.parquet")],
        ).fetchone()
    return "-".join(str(part or 0) for part in row or ())
