"""How far a reading of everything is: nothing is claimed too early, and the share rises."""

from stripe_pipeline.stripe_client.lists.coverage import Coverage
from stripe_pipeline.stripe_client.lists.windows import Window
from stripe_pipeline.values.objects import ObjectRow
from tests.fake_stripe.rows import version

NOW = 1_790_000_000
YEAR = 31_536_000


def _rows(*created: int) -> list[ObjectRow]:
    return [version(f"x_{at}", "{}", at) for at in created]


def test_by_the_number_that_the_lake_knows() -> None:
    coverage = Coverage(10, [], NOW)
    assert coverage.note(_rows(1, 2, 3), []) == 0.3
    assert coverage.note(_rows(4, 5), []) == 0.5
    # More than there were: new ones came.
    assert coverage.note(_rows(*range(6, 20)), []) == 0.99


def test_nothing_is_said_while_all_may_be_older() -> None:
    coverage = Coverage(0, [], NOW)
    assert coverage.note(_rows(NOW - 1, NOW - YEAR), [Window(NOW - YEAR, None)]) is None


def test_by_time_from_the_oldest_on() -> None:
    coverage = Coverage(0, [], NOW)
    # The newest tenth of ten years; and a reader of the oldest years has found them empty.
    coverage.note(_rows(NOW - 1, NOW - YEAR), [Window(NOW - YEAR, None)])
    assert coverage.note([], [Window(None, NOW - 10 * YEAR)]) == 0.1
    # So were five more years: what is left is less than it seemed.
    assert coverage.note([], [Window(NOW - 10 * YEAR, NOW - 5 * YEAR)]) == 0.2
    half = coverage.note(_rows(NOW - 2 * YEAR), [Window(NOW - 3 * YEAR, NOW - YEAR)])
    assert half == 0.6
    assert coverage.note([], [Window(NOW - 5 * YEAR, NOW - 3 * YEAR)]) is None or half < 1


def test_what_an_earlier_run_has_read_is_not_counted_again() -> None:
    before = [Window(None, NOW - 10 * YEAR), Window(NOW - 5 * YEAR, NOW)]
    coverage = Coverage(0, before, NOW)
    rows = _rows(NOW - 6 * YEAR)
    assert coverage.note(rows, [Window(NOW - 6 * YEAR, NOW - 5 * YEAR)]) == 0.2
