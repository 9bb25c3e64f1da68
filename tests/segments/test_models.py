"""The dbt models that segment files become."""

import json
import re
from datetime import datetime
from pathlib import Path

import pytest
import yaml

from stripe_pipeline.segments.files import FOLDER, load_segments
from stripe_pipeline.segments.model_files import fields_of, model_files
from stripe_pipeline.settings import load_settings
from stripe_pipeline.warehouse.dbt_folders import link_project

from .tables import Tables

AS_OF = datetime.fromisoformat("2026-04-10 12:00")
BUYERS = "meaning: Buyers.\nowner: shop@example.com\nwho:\n  - stripe_total_orders: some\n"


def _files(folder: Path, **texts: str) -> dict[str, str]:
    for name, text in texts.items():
        (folder / f"{name}.yml").write_text(text)
    return model_files(load_segments(folder))


def _described(files: dict[str, str], name: str) -> dict[str, object]:
    models = yaml.safe_load(files["marts/segments/_compiled__models.yml"])["models"]
    found: dict[str, object] = next(each for each in models if each["name"] == f"segment_{name}")
    return found


def test_every_shipped_segment_has_examples_of_both_kinds_and_an_owner() -> None:
    segments = load_segments(FOLDER)
    assert {"lapsed_6_months", "vip", "trial_ending"} <= {each.name for each in segments}
    for segment in segments:
        assert {example.is_in for example in segment.examples} == {True, False}, segment.name
        assert segment.owner and segment.is_enabled, segment.name


def test_a_model_has_description_owner_fields_and_a_unit_test(tmp_path: Path) -> None:
    example = "examples:\n  in:\n    - {stripe_total_orders: 1}\n  out:\n    - {}\n"
    files = _files(tmp_path, buyers=BUYERS + example)
    described = _described(files, "buyers")
    assert described["description"] == "Buyers."
    assert described["config"] == {"meta": {
        "fields": ["stripe_total_orders"], "file": "buyers.yml", "owner": "shop@example.com",
        "dagster": {"owners": ["shop@example.com"]}}}  # fmt: skip
    [test] = yaml.safe_load(files["marts/segments/_compiled__models.yml"])["unit_tests"]
    assert test["expect"]["rows"] == [{"stripe_customer_id": "in_1"}]


def test_a_disabled_segment_has_a_model_and_no_members(tmp_path: Path) -> None:
    files = _files(tmp_path, buyers=BUYERS, off=BUYERS + "enabled: false\n")
    assert "segment_off" not in files["marts/segments/segment_candidates.sql"]
    assert "'off' as segment,\n    false" in files["intermediate/segments/int_segments.sql"]
    assert "'off'" not in files["intermediate/segments/int_segment_fields.sql"]
    assert "Disabled" in str(_described(files, "off")["description"])


def test_a_segment_that_names_another_needs_its_fields_too(tmp_path: Path) -> None:
    rule = "meaning: A.\nwho:\n  - not in: rich\n  - country: is DE\n"
    rich = "meaning: Rich.\nwho:\n  - stripe_total_sales: at least 100\n"
    files = _files(tmp_path, rich=rich, others=rule)
    segments = {each.name: each for each in load_segments(tmp_path)}
    assert fields_of(segments["others"], segments) == ["country", "stripe_total_sales"]
    assert "ref('segment_rich')" in files["marts/segments/segment_others.sql"]


def test_a_unit_test_has_an_input_for_each_model_that_is_named(tmp_path: Path) -> None:
    example = "examples:\n  in:\n    - {country: DE}\n"
    rule = f"meaning: A.\nwho:\n  - not in: buyers\n  - country: is DE\n{example}"
    files = _files(tmp_path, buyers=BUYERS, others=rule)
    [test] = yaml.safe_load(files["marts/segments/_compiled__models.yml"])["unit_tests"]
    inputs = {given["input"] for given in test["given"]}
    named = set(re.findall(r"ref\('\w+'\)", files["marts/segments/segment_others.sql"]))
    assert inputs == named


def test_sql_stands_as_it_is(tmp_path: Path) -> None:
    sql = "select stripe_customer_id, 'x' as why from {{ ref('customer_profiles') }}"
    files = _files(tmp_path, own=f"meaning: Own.\nfields: [email]\nsql: |\n  {sql};\n")
    assert files["marts/segments/segment_own.sql"].splitlines()[1:] == [sql]


def test_no_segment_at_all_is_an_empty_table(tmp_path: Path) -> None:
    assert "where false" in _files(tmp_path)["marts/segments/segment_candidates.sql"]


TOP = "meaning: The best.\nwho:\n  - stripe_total_sales: in the top 40 %\n"


def test_the_top_is_rounded_up_with_ties_by_id_and_without_zeros(tmp_path: Path) -> None:
    (tmp_path / "best.yml").write_text(TOP)
    tables = Tables(AS_OF)
    sales = {"a": 10, "b": 30, "c": 20, "d": 20, "zero": 0, "unknown": None}
    tables.fill("customer_profiles", [
        {"stripe_customer_id": key, "stripe_total_sales": value} for key, value in sales.items()
    ])  # fmt: skip
    tables.fill("unrated_fields", [{"stripe_customer_id": "a", "field": "stripe_mrr"}])
    found = tables.members(tmp_path, "best")["best"]
    assert sorted(found) == ["b", "c"]  # 40 % of four, rounded up
    assert json.loads(found["c"]) == {
        "stripe_total_sales": 20, "stripe_total_sales_top_percent": 40}  # fmt: skip


def test_no_one_s_place_is_known_while_a_value_lacks_a_rate(tmp_path: Path) -> None:
    (tmp_path / "best.yml").write_text(TOP)
    (tmp_path / "others.yml").write_text("meaning: The others.\nwho:\n  - not in: best\n")
    tables = Tables(AS_OF)
    sales = {"a": 10, "b": 30, "unrated": None}
    tables.fill("customer_profiles", [
        {"stripe_customer_id": key, "stripe_total_sales": value} for key, value in sales.items()
    ])  # fmt: skip
    lacking = {"stripe_customer_id": "unrated", "field": "stripe_total_sales"}
    tables.fill("unrated_fields", [lacking])
    assert tables.members(tmp_path, "best", "others") == {"best": {}, "others": {}}
    # Unknown for another reason, which no rate will mend: it isn't compared, and isn't outside.
    tables.fill("unrated_fields", [])
    found = tables.members(tmp_path, "best", "others")
    assert [[*members] for members in found.values()] == [["b"], ["a"]]


def test_a_segment_that_names_one_that_compares_compares_too(tmp_path: Path) -> None:
    others = "meaning: O.\nwho:\n  - not in: best\n  - stripe_refunded: some\n"
    files = _files(tmp_path, best=TOP, others=others)
    rows = files["intermediate/segments/int_segment_fields.sql"].split("union all")
    compared = [row for row in rows if "true as is_ranked" in row]
    assert len(rows) == 3
    assert ["'best'" in row or "'others'" in row for row in compared] == [True, True]
    assert all("stripe_total_sales" in row for row in compared)


@pytest.mark.parametrize(
    ("today", "ordered", "is_in"),
    [
        ("2026-02-28", "2024-02-29", True),
        ("2028-02-28", "2024-02-29", False),
        ("2028-02-29", "2024-02-29", True),
        ("2026-03-01", "2024-02-29", False),
        ("2026-02-28", "2024-02-28", True),
        ("2026-02-28", "2026-02-28", False),
        ("2026-05-05", "2025-05-05", True),
        ("2026-05-05", "2025-05-04", False),
    ],
)
def test_an_anniversary(tmp_path: Path, today: str, ordered: str, is_in: bool) -> None:
    rule = "meaning: A.\nwho:\n  - created_at: on this day of an earlier year\n"
    (tmp_path / "day.yml").write_text(rule)
    tables = Tables(datetime.fromisoformat(f"{today} 12:00"))
    profile = {"stripe_customer_id": "a", "created_at": f"{ordered} 23:00"}
    tables.fill("customer_profiles", [profile])
    assert bool(tables.members(tmp_path, "day")["day"]) is is_in


def test_a_home_has_the_models_of_its_segment_files_and_no_others(tmp_path: Path) -> None:
    folder = tmp_path / "segments"
    folder.mkdir()
    (folder / "buyers.yml").write_text(BUYERS)
    settings = load_settings(
        _env_file=None, STRIPE_PIPELINE_HOME=tmp_path / "home", STRIPE_PIPELINE_SEGMENTS=folder
    )
    models = link_project(settings) / "segment_models" / "marts" / "segments"
    written = (models / "segment_buyers.sql").stat().st_mtime_ns
    link_project(settings)
    assert (models / "segment_buyers.sql").stat().st_mtime_ns == written
    (folder / "buyers.yml").rename(folder / "shoppers.yml")
    link_project(settings)
    assert {path.name for path in models.glob("segment_*.sql")} == {
        "segment_candidates.sql", "segment_shoppers.sql"}  # fmt: skip
