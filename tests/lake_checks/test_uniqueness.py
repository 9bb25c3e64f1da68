"""An id of two types, and two files with one number, make it unclear what is current."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from stripe_pipeline.lake import Lake, object_table
from stripe_pipeline.lake_checks import Verdict
from stripe_pipeline.lake_checks.uniqueness import uniqueness_verdict
from stripe_pipeline.values.objects import ObjectRow


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path)
    lake.append("charges", object_table([row("ch_1"), row("ch_2")]), {})
    lake.append("charges", object_table([row("ch_1")]), {})
    return lake


def row(identifier: str, kind: str = "charge") -> ObjectRow:
    now = datetime.now(UTC)
    return ObjectRow(identifier, kind, 1, False, False, None, "v", now, b"{}")


def judge(lake: Lake, resource: str = "charges") -> Verdict:
    with duckdb.connect() as connection:
        return uniqueness_verdict(connection, lake, resource)


def test_many_versions_are_one_object(lake: Lake) -> None:
    verdict = judge(lake)
    assert verdict.passed
    assert verdict.numbers["versions"] == 3
    assert judge(lake, "refunds").passed


def test_an_id_of_two_types(lake: Lake) -> None:
    lake.append("charges", object_table([row("ch_2", "refund")]), {})
    verdict = judge(lake)
    assert not verdict.passed
    assert verdict.numbers["ids_of_two_types"] == 1


def test_two_types_of_different_ids(lake: Lake) -> None:
    lake.append("charges", object_table([row("re_1", "refund")]), {})
    verdict = judge(lake)
    assert verdict.passed
    assert verdict.numbers["ids"] == 3


def test_two_files_with_one_number(lake: Lake) -> None:
    newest = lake.batches("charges")[-1]
    shutil.copy(newest.path, newest.path.with_name(f"{newest.sequence}.parquet"))
    verdict = judge(lake)
    assert not verdict.passed
    assert verdict.numbers["batches_with_one_number"] == 1
