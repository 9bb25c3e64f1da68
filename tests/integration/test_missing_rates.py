"""A shop whose rates are missing in part: what needs them is null and held, the rest is there."""

from dataclasses import replace

import pytest

from ..oracle.agreement import disagreements
from ..oracle.compare import agree
from .conftest import Mirrored

MODELS = ("--exclude-resource-type", "unit_test", "--exclude", "tag:grain")


@pytest.mark.slow
@pytest.mark.parametrize("some", [True, False])
def test_every_mart_is_as_calculated_without_some_of_the_rates(
    mirrored: Mirrored, *, some: bool
) -> None:
    with mirrored(5) as mirror:
        rates = sorted(mirror.question.rates)
        # One currency without any, and none at all in the first half of the time.
        last = [row for row in rates if row[1] != "eur"][len(rates) // 2 :]
        question = replace(mirror.question, rates=tuple(last) if some else ())
        mirror.warehouse.build(question, *MODELS)
        agree(disagreements(mirror.warehouse, question))
        missing = mirror.warehouse.rows("marts.missing_exchange_rates")
        assert "eur" in {row["currency"] for row in missing}
        assert mirror.warehouse.rows("marts.unrated_fields")
        assert mirror.warehouse.rows("marts.undecided_members")
