"""What isn't normalized never becomes null: staging stops, or leaves it to the next run."""

from datetime import UTC, datetime

import pytest

from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.erase import rewrite
from stripe_pipeline.normalizing import step
from tests.normalizing.test_step import ANN, customer
from tests.oracle.merchant import write_batches
from tests.oracle.question import Question
from tests.oracle.warehouse import Warehouse

CUSTOMERS = (
    *("--select", "+stg_stripe__customers", "--exclude-resource-type", "test"),
    *("--exclude-resource-type", "unit_test"),
)


QUESTION = Question(datetime(2026, 11, 1, tzinfo=UTC))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A home whose dbt project is parsed once."""
    return Warehouse(tmp_path_factory.mktemp("contacts"))


@pytest.fixture
def warehouse(shop: Warehouse) -> Warehouse:
    """A home with one customer whose contacts are normalized."""
    shop.refill([ANN])
    step.normalize(shop.lake)
    return shop


@pytest.mark.parametrize("table", ["contact_names", "contact_phones", "contact_countries"])
def test_a_text_that_was_lost_stops_the_run(warehouse: Warehouse, table: str) -> None:
    rewrite(warehouse.lake, table, lambda rows: rows.slice(0, 0))
    with pytest.raises(AssertionError, match="not normalized; remove the folders contact_"):
        warehouse.build(QUESTION, *CUSTOMERS)


def test_a_batch_that_no_one_recorded_stops_the_run(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewrite(warehouse.lake, "contact_batches", lambda rows: rows.slice(0, 0))
    monkeypatch.setattr(step, "normalize", lambda lake: 0)
    with pytest.raises(AssertionError, match="not normalized"):
        warehouse.build(QUESTION, *CUSTOMERS)


def test_what_a_sync_writes_meanwhile_is_for_the_next_run(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = step.normalize

    def slowly(lake: Lake) -> int:
        count = original(lake)
        write_batches(lake, [customer("late", name="Cy Coe"), ANN | {"name": "Ann Coe"}])
        return count

    with monkeypatch.context() as patch:
        patch.setattr(step, "normalize", slowly)
        warehouse.build(QUESTION, *CUSTOMERS)
    assert names(warehouse) == {("cus_ann", "Bell")}
    warehouse.build(QUESTION, *CUSTOMERS)
    assert names(warehouse) == {("cus_ann", "Coe"), ("cus_late", "Coe")}


def names(warehouse: Warehouse) -> set[tuple[str, str]]:
    rows = warehouse.rows("staging.stg_stripe__customers")
    return {(row["customer_id"], row["last_name"]) for row in rows}
