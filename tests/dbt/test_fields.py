"""Every field is explained, and docs/reference/fields.md says what the models say."""

import re
from pathlib import Path
from typing import Any

import pytest

from doc_pages import tables
from doc_pages.fields import MARTS, PAGE, TABLES, page
from stripe_pipeline.process.environment import PROJECT_ROOT
from stripe_pipeline.profiles.descriptions import read_description

from .test_conventions import TOKENS

# Marts whose every column has an example and says when it is empty.
EXPLAINED = ("customer_profiles", "people", "orders", "order_adjustments", "subscriptions")
JARGON = ("null", "varchar", "coalesce")


@pytest.fixture(scope="module")
def columns(manifest: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (node["name"], column["name"]): column
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["name"] in MARTS
        for column in node["columns"].values()
    }


def test_the_page_is_what_the_models_say(manifest: dict[str, Any]) -> None:
    assert PAGE.read_text() == page(manifest), "run `make fields`"


def test_the_tables_are_what_the_models_say(manifest: dict[str, Any]) -> None:
    assert TABLES.read_text(encoding="utf-8") == tables.page(manifest), "run `make fields`"
    assert "| `raw.customers` | Current state of each customer" in tables.page(manifest)


def test_every_token_is_there_in_liquid_with_an_example() -> None:
    text = PAGE.read_text()
    for token in TOKENS:
        row = re.search(rf"^\| `{{{{ profile\.{token} }}}}` \| .*$", text, re.MULTILINE)
        assert row, token
        assert re.search(r"\| `[^`]+` \|$", row[0]), f"{token} has no example"


def test_no_column_lacks_a_meaning(columns: dict[tuple[str, str], dict[str, Any]]) -> None:
    assert {mart for mart, _ in columns} == set(MARTS)
    bare = [key for key, column in columns.items()
            if len(read_description(column["description"]).meaning) < 10]  # fmt: skip
    assert bare == []


def test_what_marketers_read_says_when_it_is_empty_and_shows_an_example(
    columns: dict[tuple[str, str], dict[str, Any]],
) -> None:
    for key, column in columns.items():
        if key[0] in EXPLAINED:
            described = read_description(column["description"])
            assert described.empty, key
            assert described.example, key
            words = re.findall(r"[a-z]+", f"{described.meaning} {described.empty}".lower())
            assert not set(JARGON) & set(words), key


def test_an_example_is_of_the_column_s_type(
    columns: dict[tuple[str, str], dict[str, Any]],
) -> None:
    shapes = {
        "bigint": r"-?\d+",
        "decimal(18, 3)": r"-?\d+(\.\d+)?",
        "timestamp": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
        "date": r"\d{4}-\d\d-\d\d",
        "boolean": "true|false",
    }
    for key, column in columns.items():
        example = read_description(column["description"]).example
        if example and column["data_type"] in shapes:
            assert re.fullmatch(shapes[column["data_type"]], example), key


def test_a_description_is_taken_apart() -> None:
    described = read_description(
        "What\nit is.\n\nMore.\n\nEmpty now\nand then.\n\nExample: `a b`\n"
    )
    assert described == ("What it is. More.", "Empty now and then.", "a b")
    assert read_description("Only words.") == ("Only words.", "", "")


def test_the_readme_leads_to_the_page() -> None:
    assert "docs/reference/fields.md" in Path(PROJECT_ROOT / "README.md").read_text()
