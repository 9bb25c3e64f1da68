"""Asked of the published tables: funnels, who would enter and leave, and why not."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from stripe_pipeline.errors import PipelineError, UsageError
from stripe_pipeline.membership.answers import Answered, answers, combined, to_change
from stripe_pipeline.membership.asking import asking
from stripe_pipeline.membership.changes import changes, chosen, funnel
from stripe_pipeline.membership.printing import print_changes, print_funnel, print_list
from stripe_pipeline.profiles.explain import explanation, print_explanation
from stripe_pipeline.segments.files import load_segments
from stripe_pipeline.segments.model_files import fields_of
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.readers import Marts, Row

from ..segments.tables import Tables
from .published import home_with

RICH = "meaning: Rich.\nowner: shop\nwho:\n  - stripe_total_sales: at least 100\n"
GERMAN = """
meaning: Germans who buy.
who:
  - country: is DE
  - any:
      - stripe_total_orders: at least 3
      - has paid order:
          - collected: more than 50.00
  - none:
      - stripe_delinquent: is true
"""


def _profile(key: str, **fields: Any) -> dict[str, Any]:
    return {"stripe_customer_id": key, "full_name": f"Name of {key}", **fields}


PROFILES = [
    _profile("in", country="DE", stripe_total_orders=3, stripe_delinquent=False,
             stripe_total_sales=150),
    _profile("by_order", country="DE", stripe_total_orders=1, stripe_delinquent=False,
             stripe_total_sales=99),
    _profile("french", country="FR", stripe_total_orders=3, stripe_delinquent=False,
             stripe_total_sales=100),
    _profile("unknown", country="DE", stripe_total_orders=3, stripe_delinquent=None),
]  # fmt: skip
MEMBERS = [{"segment": "rich", "stripe_customer_id": key, "why": "{}"}
           for key in ("in", "by_order", "unknown")]  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    order = {"stripe_customer_id": "by_order", "order_status": "paid", "collected": 60}
    settings = home_with(
        tmp_path,
        Tables(datetime.fromisoformat("2026-04-10 12:00")),
        {
            "customer_profiles": PROFILES,
            "orders": [order],
            "segment_members": MEMBERS,
            "segment_history": [],
            "undecided_members": [],
            "unrated_fields": [{"stripe_customer_id": "unknown", "field": "stripe_total_sales"}],
        },
    )
    for name, text in {"rich": RICH, "german": GERMAN}.items():
        (settings.segments / f"{name}.yml").write_text(text)
    return settings


def _answers(home: Settings, segment: str, customer: str) -> Answered:
    segments = load_segments(home.segments)
    with asking(Marts(home), segments) as asked:
        found = answers(asked, chosen(segments, segment), customer)
    assert found is not None
    return found


def test_the_funnel_goes_from_all_customers_to_members(home: Settings) -> None:
    segments = load_segments(home.segments)
    with asking(Marts(home), segments) as asked:
        steps = funnel(asked, chosen(segments, "german"))
    assert [(step.left, step.alone, step.unknown) for step in steps] == [
        (4, 4, 0), (3, 3, 0), (3, 4, 0), (2, 3, 1)]  # fmt: skip
    assert steps[1].condition == "country: is DE"
    assert steps[2].condition.startswith("any of: stripe_total_orders: at least 3; has paid order")


@pytest.mark.parametrize(
    ("customer", "is_in", "wanted"),
    [
        ("in", True, []),
        ("by_order", True, []),
        ("french", False, ["country: is DE"]),
        ("unknown", None, ["none of: stripe_delinquent: is true"]),
    ],
)
def test_each_condition_says_its_answer(
    home: Settings, customer: str, is_in: bool | None, wanted: list[str]
) -> None:
    found = _answers(home, "german", customer)
    assert found.is_met is is_in
    assert [*to_change(found)] == wanted


def test_a_condition_has_its_value_and_bound(home: Settings) -> None:
    [condition] = _answers(home, "rich", "by_order").parts
    assert (condition.is_met, condition.value, condition.bounds) == (False, 99, [100])


@pytest.mark.parametrize(
    ("parts", "every", "some", "no_one"),
    [
        ([], True, False, True),
        ([True, None], None, True, False),
        ([False, None], False, None, None),
        ([True, True], True, True, False),
        ([False, False], False, False, True),
    ],
)
def test_answers_combine_as_in_sql(
    parts: list[bool | None], every: bool | None, some: bool | None, no_one: bool | None
) -> None:
    assert combined("all", parts) is every
    assert combined("any", parts) is some
    assert combined("none", parts) is no_one


def _changes(home: Settings, name: str | None = None) -> dict[str, tuple[list[str], list[str]]]:
    segments = load_segments(home.segments)
    fields = {each.name: fields_of(each, {s.name: s for s in segments}) for each in segments}
    found = changes(Marts(home), segments, fields, name)
    return {each.segment: (_ids(each.enter), _ids(each.leave)) for each in found}


def _ids(rows: list[Row]) -> list[str]:
    return [row["stripe_customer_id"] for row in rows]


def test_who_would_enter_and_leave_without_those_that_are_held(home: Settings) -> None:
    assert _changes(home) == {
        "german": (["by_order", "in"], []),
        "rich": (["french"], ["by_order"]),
    }
    (home.segments / "rich.yml").write_text(RICH.replace("100", "1"))
    assert _changes(home, "rich") == {"rich": (["french"], [])}


def test_no_one_enters_or_leaves_by_comparison_while_a_value_lacks_a_rate(home: Settings) -> None:
    (home.segments / "rich.yml").write_text(RICH.replace("at least 100", "in the top 50 %"))
    segments = load_segments(home.segments)
    [found] = changes(Marts(home), segments, {"rich": ["stripe_total_sales"]}, "rich")
    assert (found.enter, found.leave, found.undecided) == ([], [], len(PROFILES))
    with asking(Marts(home), segments) as asked:
        [_, top] = funnel(asked, chosen(segments, "rich"))
    assert (top.left, top.unknown) == (0, len(PROFILES))


def test_all_would_leave_a_segment_without_its_file_and_no_one_a_disabled_one(
    home: Settings,
) -> None:
    (home.segments / "rich.yml").write_text(RICH + "enabled: false\n")
    assert "rich" not in _changes(home)
    (home.segments / "rich.yml").unlink()
    assert _changes(home)["rich"] == ([], ["by_order", "in", "unknown"])


def test_what_is_printed(home: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    print_list(home, as_json=True)
    assert [(row["segment"], row["members"]) for row in json.loads(capsys.readouterr().out)] == [
        ("german", 0), ("rich", 3)]  # fmt: skip
    print_funnel(home, "rich", as_json=False)
    assert "stripe_total_sales: at least 100" in capsys.readouterr().out
    print_changes(home, "rich", as_json=False)
    said = capsys.readouterr().out
    assert "rich: 3 members, would be 3." in said
    assert "1 customer would enter:\n  french Name of french" in said
    assert "For want of an exchange rate 1 customer would stay in or out as they are." in said
    print_changes(home, "rich", as_json=True)
    assert json.loads(capsys.readouterr().out)[0]["leave"][0]["stripe_customer_id"] == "by_order"


def test_why_not_is_told_condition_by_condition(
    home: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    print_explanation(home, "german", "french", as_json=False)
    said = capsys.readouterr().out
    assert "no        country: is DE (it is FR, the bound is DE)" in said
    assert "To be in it, this would have to be so: country: is DE." in said
    print_explanation(home, "rich", "by_order", as_json=False)
    assert "the next run would put out this customer" in capsys.readouterr().out
    (home.segments / "rich.yml").write_text(RICH + "enabled: false\n")
    print_explanation(home, "rich", "by_order", as_json=False)
    said = capsys.readouterr().out
    assert "The segment is disabled" in said and "next run" not in said
    assert explanation(home, "german", "french")["to_change"] == ["country: is DE"]


def test_a_segment_that_isn_t_there_is_named(home: Settings) -> None:
    with pytest.raises(UsageError, match=r"no segment rch \(did you mean rich\?\); there are ger"):
        print_funnel(home, "rch", as_json=False)


def test_a_table_that_isn_t_published_yet_is_named(home: Settings) -> None:
    (home.published.resolve() / "orders.parquet").unlink()
    with pytest.raises(PipelineError, match="orders"):
        print_funnel(home, "german", as_json=False)


def test_a_rule_in_sql_has_no_conditions_and_says_so(
    home: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    (home.segments / "german.yml").write_text(
        "meaning: Twins.\nfields: []\nsql: select stripe_customer_id, '' as why from x\n"
    )
    print_explanation(home, "german", "french", as_json=False)
    said = capsys.readouterr().out
    assert "french is not in german." in said
    assert "The rule: Twins." in said
    assert "The rule is written in SQL" in said
    assert not explanation(home, "rich", "in")["is_sql"]
