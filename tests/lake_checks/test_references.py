"""Ids that refer to nothing are counted, with their share; what can't be read isn't missed."""

from pathlib import Path

import duckdb
import pytest

from stripe_pipeline.lake_checks.references import (
    REFERENCES,
    REFERRING,
    count_references,
    find_adrift,
    references_verdict,
)
from stripe_pipeline.settings import Settings, load_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A warehouse with 2,000 refunds of 1,990 charges, one of which was deleted, of a customer."""
    settings = load_settings(STRIPE_PIPELINE_HOME=tmp_path)
    keys = {each.target for each in REFERENCES} | {each.resource for each in REFERENCES}
    with duckdb.connect(str(settings.warehouse)) as warehouse:
        warehouse.execute("create schema staging")
        for name in keys:
            own = [each.column for each in REFERENCES if each.resource == name]
            columns = ", ".join(f"{each} text" for each in (f"{name[:-1]}_id", *own))
            warehouse.execute(
                f"create table staging.stg_stripe__{name} ({columns}, is_deleted boolean, "
                "payment_intent_id text, is_counted boolean, amount_minor bigint)"
            )
        warehouse.execute(
            "insert into staging.stg_stripe__charges "
            "select 'ch_' || n, null, n = 7, 'pi_' || n, null, null "
            "from range(1990) as numbers(n)"
        )
        warehouse.execute(
            "insert into staging.stg_stripe__refunds "
            "select 're_' || n, 'ch_' || n, false, null, true, 5 "
            "from range(2000) as numbers(n)"
        )
    return settings


def test_gaps_are_counted(settings: Settings) -> None:
    verdict = references_verdict(count_references(settings, REFERRING), "refunds", {}, {})
    assert not verdict.passed
    assert verdict.numbers == {
        "refunds of no payment": 0,
        "refunds.charge: referring": 2000,
        "refunds.charge: gaps": 10,
    }
    assert "10 of 2,000 in refunds.charge (0.5%)" in verdict.sentence


def test_a_few_orphans_are_allowed_and_counted(settings: Settings) -> None:
    with duckdb.connect(str(settings.warehouse)) as warehouse:
        warehouse.execute(
            "delete from staging.stg_stripe__refunds where charge_id in "
            "(select 'ch_' || n from range(1991, 2000) as numbers(n))"
        )
    verdict = references_verdict(count_references(settings, ["refunds"]), "refunds", {}, {})
    assert verdict.passed
    assert verdict.numbers["refunds.charge: gaps"] == 1


def test_a_refund_of_no_payment_is_named(settings: Settings) -> None:
    with duckdb.connect(str(settings.warehouse)) as warehouse:
        warehouse.execute(
            "insert into staging.stg_stripe__refunds values "
            "('re_a', null, false, null, true, 5), ('re_b', null, false, 'pi_unknown', true, 5), "
            "('re_known', null, false, 'pi_3', true, 5), ('re_failed', null, false, null, false, 5)"
            ", ('re_gone', null, true, null, true, 5), ('re_nothing', null, false, null, true, 0)"
        )
        warehouse.execute("insert into staging.stg_stripe__disputes values "
                          "('dp_a', null, false, null, true, 5)")  # fmt: skip
    adrift = find_adrift(settings, REFERRING)
    assert adrift == {"refunds": ["re_a", "re_b"], "disputes": ["dp_a"]}
    verdict = references_verdict({}, "refunds", {}, adrift)
    assert not verdict.passed
    assert verdict.numbers == {"refunds of no payment": 2}
    assert verdict.sentence.startswith("2 refunds lower no sales, as no charge and no payment")
    assert "named in them: re_a, re_b. Look for the payment in Stripe" in verdict.sentence
    assert "1 dispute lowers no sales" in references_verdict({}, "disputes", {}, adrift).sentence
    assert references_verdict({}, "refunds", {"charges": False}, adrift).passed
    assert references_verdict({}, "charges", {}, adrift).passed
    both = references_verdict(count_references(settings, ["refunds"]), "refunds", {}, adrift)
    assert "in refunds.charge (0.5%)" in both.sentence and "re_a" in both.sentence


def test_what_cannot_be_read_is_not_missed(settings: Settings) -> None:
    counts = count_references(settings, REFERRING)
    assert references_verdict(counts, "refunds", {"charges": False}, {}).passed
    assert references_verdict(counts, "charges", {}, {}).passed


def test_before_anything_is_computed(tmp_path: Path) -> None:
    settings = load_settings(STRIPE_PIPELINE_HOME=tmp_path)
    assert count_references(settings, REFERRING) == {}
    assert find_adrift(settings, REFERRING) == {}
    duckdb.connect(str(settings.warehouse)).close()
    assert references_verdict(count_references(settings, REFERRING), "refunds", {}, {}).passed
