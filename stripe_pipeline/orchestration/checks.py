"""Inputs to the decision to send: failed blocking checks, and a version of segment membership."""

from collections.abc import Iterable
from pathlib import Path

import dagster as dg
import duckdb

from stripe_pipeline.files.patterns import exactly


def failed_checks(instance: dg.DagsterInstance, specs: Iterable[dg.AssetCheckSpec]) -> list[str]:
    """Return the blocking checks whose latest result is a failure, as `<asset>: <check>`."""
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
    """Return a digest of which customers are in which segment since when.

    It includes which fields lack an exchange rate: with the rate, held messages become due.
    `published` is a folder of published marts. What triggers campaigns is in `facts_version`.
    """
    with duckdb.connect() as connection:
        row = connection.execute(
            """
            select count(*), bit_xor(md5_number(line))
            from (
                select concat_ws('|', segment, stripe_customer_id, entered_at) as line
                from read_parquet(?)
                union all
                select concat_ws('|', 'unrated', stripe_customer_id, field)
                from read_parquet(?)
            )
            """,
            [
                exactly(published / f"{mart}.parquet")
                for mart in ("segment_members", "unrated_fields")
            ],
        ).fetchone()
    return "-".join(str(part or 0) for part in row or ())
