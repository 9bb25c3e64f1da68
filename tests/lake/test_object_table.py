"""Rows of Stripe objects as an Arrow table: the same values come out that went in."""

from datetime import UTC, datetime

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stripe_pipeline.lake import OBJECT_SCHEMA, object_table
from stripe_pipeline.values.objects import ObjectRow

texts = st.text(st.characters(codec="utf-8"))
rows = st.builds(
    ObjectRow,
    texts,
    st.sampled_from(["customer", "invoice"]),
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.booleans(),
    st.booleans(),
    st.none() | texts,
    st.sampled_from(["2025-06-30.basil", "é"]),
    st.datetimes(timezones=st.just(UTC)),
    texts.map(str.encode),
)


@given(st.lists(rows))
@settings(deadline=None)
def test_what_goes_in_comes_out(given_rows: list[ObjectRow]) -> None:
    table = object_table(given_rows)
    table.validate(full=True)
    assert table.schema == OBJECT_SCHEMA
    expected = [msgspec.structs.asdict(row) | {"body": row.body.decode()} for row in given_rows]
    assert table.to_pylist() == expected


def test_a_body_that_is_no_text_is_refused() -> None:
    row = ObjectRow("cus_1", "customer", 5, False, False, None, "2026", datetime.now(UTC), b"\xff")
    with pytest.raises(pa.ArrowInvalid, match="utf8"):
        object_table([row])
