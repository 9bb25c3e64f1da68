"""What makes exports run by themselves: other members, or rates that messages waited for."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from stripe_pipeline.orchestration.checks import membership_version
from tests.activation.shop import ENTERED, HISTORY, UNRATED

LACKING = {"stripe_customer_id": "cus_0", "field": "stripe_total_sales"}


def _version(folder: Path, members: int, unrated: list[dict[str, str]]) -> str:
    rows = [
        {"segment": "vip", "stripe_customer_id": f"cus_{number}", "entered_at": ENTERED}
        for number in range(members)
    ]
    tables = {
        "segment_members": pa.Table.from_pylist(rows, schema=HISTORY),
        "unrated_fields": pa.Table.from_pylist(unrated, schema=UNRATED),
    }
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    return membership_version(folder)


def test_a_rate_that_arrives_is_a_new_version(tmp_path: Path) -> None:
    lacking, complete, again, fewer = (
        _version(tmp_path, members, unrated)
        for members, unrated in ((2, [LACKING]), (2, []), (2, []), (1, []))
    )
    assert complete == again
    assert len({lacking, complete, fewer}) == 3
