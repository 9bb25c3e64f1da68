"""Columns built from buffers are those that Arrow itself would build, and pandas stays away."""

import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stripe_pipeline.lake import object_table
from stripe_pipeline.lake.columns import MOMENT, column
from stripe_pipeline.values.objects import ObjectRow

microseconds = st.integers(-(10**16), 10**16)
KINDS = [
    (st.text(st.characters(codec="utf-8")), pa.string()),
    (st.sampled_from(["a", "é"]), pa.dictionary(pa.int32(), pa.string())),
    (st.integers(-(2**63), 2**63 - 1), pa.int64()),
    (st.booleans(), pa.bool_()),
    (microseconds.map(lambda each: pa.scalar(each, MOMENT).as_py()), MOMENT),
    (st.lists(st.text("ab")), pa.list_(pa.string())),
]


@pytest.mark.parametrize(("value", "kind"), KINDS, ids=[str(kind) for _, kind in KINDS])
def test_a_column_is_what_arrow_builds(value: st.SearchStrategy[Any], kind: pa.DataType) -> None:
    @given(st.lists(st.none() | value))
    @settings(deadline=None)
    def same(values: list[Any]) -> None:
        built = column(values, kind)
        built.validate(full=True)
        assert built.type == kind
        assert built.to_pylist() == pa.array(values, kind).to_pylist()

    same()


def test_a_body_that_is_no_text_is_refused() -> None:
    row = ObjectRow("cus_1", "customer", 5, False, False, None, "2026", datetime.now(UTC), b"\xff")
    with pytest.raises(pa.ArrowInvalid, match="UTF8"):
        object_table([row])


PROGRAM = """
import sys
from datetime import UTC, datetime
import stripe_pipeline.ingestion.sync
from stripe_pipeline.lake import object_table
from stripe_pipeline.values.objects import ObjectRow
object_table([ObjectRow("a", "b", None, True, False, None, "2026", datetime.now(UTC), b"{}")])
sys.exit("pandas" in sys.modules)
"""


def test_a_sync_needs_no_pandas() -> None:
    assert subprocess.run([sys.executable, "-c", PROGRAM]).returncode == 0
