"""Objects become columns without losing a byte of a body."""

from datetime import UTC, datetime

from stripe_pipeline.lake import OBJECT_SCHEMA, object_table
from stripe_pipeline.values.objects import ObjectRow

NOW = datetime(2026, 11, 22, 12, 30, 0, 123456, tzinfo=UTC)


def test_rows_become_columns() -> None:
    body = '{"id":"cus_1","name":"Zoë 🦊"}'.encode()
    live = ObjectRow("cus_1", "customer", 5, False, False, "cus_1", "2026", NOW, body)
    stub = ObjectRow("cus_2", "customer", None, None, True, None, "2026", NOW, b"{}")
    table = object_table([live, stub])
    assert table.schema == OBJECT_SCHEMA
    first, second = table.to_pylist()
    assert first["body"].encode() == body
    assert (first["created"], first["observed_at"]) == (5, NOW)
    assert (second["created"], second["is_deleted"]) == (None, True)


def test_no_rows_are_a_table_of_the_same_shape() -> None:
    assert object_table([]).schema == OBJECT_SCHEMA
    assert object_table([]).num_rows == 0
