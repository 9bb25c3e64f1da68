"""An invoice of a hundred thousand lines, from the lake through every model."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from . import shapes
from .calculation import calculate
from .question import Question
from .warehouse import Warehouse

LINES = 100_000

pytestmark = pytest.mark.slow


def test_the_models_read_all_lines(tmp_path: Path) -> None:
    """Each third line is of nothing; the others are of one, two, one, two ... things."""
    lines = [
        shapes.line(f"il_{number:06d}", 0 if number % 3 == 0 else 7, 1 + number % 2)
        for number in range(LINES)
    ]
    billed = [number for number in range(LINES) if number % 3]
    total = 7 * len(billed)
    warehouse = Warehouse(tmp_path / "home")
    warehouse.refill(
        [shapes.customer("cus_1"), shapes.invoice("in_1", "cus_1", total, lines=lines)]
    )
    question = Question(datetime(2026, 6, 30, 12, tzinfo=UTC))
    tables = ("--resource-type", "model", "--resource-type", "seed")
    warehouse.build(question, "--select", "+orders", "+raw_invoice_lines", *tables)
    [order] = warehouse.rows("marts.orders")
    assert (order["order_total_minor"], order["collected_minor"]) == (total, total)
    assert order["items_purchased"] == sum(1 + number % 2 for number in billed)
    [calculated] = calculate(warehouse.objects, question).orders
    assert order["items_purchased"] == calculated["items_purchased"]
    raw = warehouse.rows("raw.invoice_lines")
    assert len({row["id"] for row in raw}) == len(raw) == LINES
