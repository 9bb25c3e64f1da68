"""What a failed dbt run is told as: the check or table, and nothing that is any person's data."""

import json
from pathlib import Path

import duckdb
import pytest

from stripe_pipeline.orchestration.preview import is_plain, table_metadata
from stripe_pipeline.settings import Settings, load_settings
from stripe_pipeline.warehouse.dbt_failures import dbt_failure
from stripe_pipeline.warehouse.missing_rates import missing_rates_sentence
from stripe_pipeline.warehouse.stale_rates import stale_rates_sentence
from stripe_pipeline.warehouse.unmatched_money import unmatched_money_sentence


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(STRIPE_PIPELINE_HOME=tmp_path)


def write_results(settings: Settings, *results: tuple[str, str, str]) -> None:
    target = settings.home / "dbt" / "target"
    target.mkdir(parents=True)
    rows = [dict(zip(("unique_id", "status", "message"), row, strict=True)) for row in results]
    (target / "run_results.json").write_text(json.dumps({"results": rows}))


def test_a_failed_check(settings: Settings) -> None:
    write_results(
        settings,
        ("model.stripe_pipeline.orders", "success", "OK"),
        ("test.stripe_pipeline.unique_orders_order_id.1234", "fail", "Got 3 results, want 0"),
        ("model.stripe_pipeline.published", "skipped", ""),
    )
    sentence = str(dbt_failure(settings))
    assert sentence.startswith("The check unique_orders_order_id failed: Got 3 results, want 0.")
    assert "Nothing was exported" in sentence


def test_a_failed_table_tells_no_data(settings: Settings) -> None:
    write_results(
        settings,
        (
            "model.stripe_pipeline.customer_profiles",
            "error",
            "Runtime Error in model customer_profiles (models/x.sql)\n"
            "  Conversion Error: Could not convert string 'ada@shop.example' to INT32",
        ),
        ("test.stripe_pipeline.other.1", "error", "because"),
    )
    sentence = str(dbt_failure(settings))
    assert "customer_profiles" in sentence
    assert "Conversion Error" in sentence
    assert "(1 more failed after it)" in sentence
    assert "ada@" not in sentence


def test_dbt_that_never_got_that_far(settings: Settings) -> None:
    assert "full log of the run" in str(dbt_failure(settings))


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ({"eur": ["2026-01-01"]}, "missing for eur on 2026-01-01: "),
        (
            {"gbp": ["2026-01-01", "2026-01-05"], "eur": ["2026-01-02"]},
            "missing for eur on 2026-01-02; gbp on 2 days from 2026-01-01 to 2026-01-05: ",
        ),
        (
            {code: ["2026-01-01"] for code in ("aud", "bgn", "cad", "dkk", "eur", "gbp", "huf")},
            "eur on 2026-01-01 and 2 more currencies: ",
        ),
    ],
)
def test_missing_rates(settings: Settings, days: dict[str, list[str]], said: str) -> None:
    with duckdb.connect() as warehouse:
        warehouse.execute("create schema marts")
        warehouse.execute("create table marts.missing_exchange_rates (currency text, day date)")
        warehouse.execute(
            "create table marts.unrated_fields as select * from (values ('cus_1', 'stripe_mrr'),"
            "('cus_1', 'stripe_total_sales'), ('cus_2', 'stripe_mrr')) as t(stripe_customer_id, f)"
        )
        warehouse.execute("create table marts.undecided_members as select 'vip' as segment")
        assert missing_rates_sentence(settings, warehouse) is None
        for currency, dates in days.items():
            for day in dates:
                warehouse.execute(
                    "insert into marts.missing_exchange_rates values (?, ?)", [currency, day]
                )
        sentence = missing_rates_sentence(settings, warehouse)
        warehouse.execute("drop table marts.unrated_fields")
        assert said in str(missing_rates_sentence(settings, warehouse))
    assert sentence is not None
    assert said in sentence
    assert "totals of 2 customers are unknown, in 1 case a segment can't decide" in sentence
    assert "rates template" in sentence
    assert "rates import" in sentence


@pytest.mark.parametrize(
    ("column", "kind", "shown"),
    [
        ("stripe_customer_id", "VARCHAR", True), ("order_status", "VARCHAR", True),
        ("net", "DECIMAL(38,3)", True), ("ordered_at", "TIMESTAMP", True),
        ("email", "VARCHAR", False), ("full_name", "VARCHAR", False),
        ("address_hash", "VARCHAR", False), ("metadata_crm_id", "VARCHAR", False),
        ("stripe_metadata_crm_id", "VARCHAR", False), ("metadata_value", "VARCHAR", False),
        ("matched_value", "VARCHAR", False), ("linked_member_id", "VARCHAR", True),
        ("body", "JSON", False), ("plans", "VARCHAR[]", False), ("amounts", "BIGINT[]", False),
    ],
)  # fmt: skip
def test_what_a_preview_may_show(column: str, kind: str, shown: bool) -> None:
    assert is_plain(column, kind) is shown


def test_a_preview_is_small_and_sorted() -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "create table people as select 100 - i as id, 'Ada' as name from range(100) as r(i)"
        )
        metadata = table_metadata(connection, "main", "people")
    assert metadata["dagster/row_count"] == 100
    preview = metadata["preview"].value
    assert preview.splitlines()[2:] == [f"|    {number} |" for number in range(1, 6)]
    assert "Ada" not in preview


def test_unmatched_money_is_named_with_both_sums_of_its_currency(settings: Settings) -> None:
    columns = (
        "object_id, object_type, currency, paid, collected, paid_minor, collected_minor, reason"
    )
    with duckdb.connect() as warehouse:
        for schema in ("marts", "intermediate", "seeds"):
            warehouse.execute(f"create schema {schema}")
        warehouse.execute(
            "create table intermediate.int_order_money as select * from (values"
            "('ch_1', 'usd', 795, 0, 'it is in no order'), ('in_1', 'usd', 100000, 100000, null),"
            "('in_2', 'eur', 5, 5, null), ('in_3', 'jpy', 0, 1500, 'why'))"
            " as t(object_id, currency, paid_minor, collected_minor, reason)"
        )
        warehouse.execute(
            "create table seeds.currencies as select 'jpy' as currency, 0 as exponent"
        )
        warehouse.execute(
            "create table marts.unmatched_money as select * from (values"
            "('ch_1', 'charge', 'usd', 7.950, 0.000, 795, 0, 'it is in no order'))"
            f" as t({columns})"
        )
        sentence = str(unmatched_money_sentence(settings, warehouse))
        warehouse.execute("delete from marts.unmatched_money")
        assert unmatched_money_sentence(settings, warehouse) is None
    assert "jpy 0 paid, 1,500 in orders; usd 1,007.95 paid, 1,000.00 in orders" in sentence
    assert "ch_1 (usd: 7.950 paid, 0.000 collected; it is in no order)" in sentence
    assert "eur" not in sentence
    assert "reconcile" in sentence


def test_stale_rates(settings: Settings) -> None:
    with duckdb.connect() as warehouse:
        warehouse.execute("create schema marts")
        warehouse.execute(
            "create table marts.stale_exchange_rates as select * from (values "
            "('eur', date '2026-11-01', date '2026-11-20', 1200), "
            "('gbp', date '2026-11-02', date '2026-11-10', 1)"
            ") as t (currency, rate_day, last_day, facts)"
        )
        said = str(stale_rates_sentence(settings, warehouse))
        warehouse.execute("delete from marts.stale_exchange_rates")
        assert stale_rates_sentence(settings, warehouse) is None
    assert "eur of 2026-11-01 for 1,200 amounts up to 2026-11-20; gbp of 2026-11-02 for 1 a" in said
    assert "`stripe-pipeline rates import`" in said
    assert "STRIPE_PIPELINE_RATES_MAX_AGE_DAYS above 7" in said
