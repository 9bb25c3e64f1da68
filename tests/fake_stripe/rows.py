"""Rows of the lake's tables of objects."""

from datetime import UTC, datetime

from stripe_pipeline.values.objects import ObjectRow

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def version(identifier: str, body: str, created: int | None = 1, gone: bool = False) -> ObjectRow:
    return ObjectRow(identifier, "customer", created, False, gone, None, "v", NOW, body.encode())
