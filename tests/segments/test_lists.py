"""Static lists: a CSV of ids or addresses beside the segment files."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from stripe_pipeline.errors import UsageError
from stripe_pipeline.segments.files import load_segments

from .tables import Tables

AS_OF = datetime.fromisoformat("2026-04-10 12:00")
RULE = "meaning: A.\nwho:\n  - {word}: press.csv\n"


def _folder(folder: Path, text: str, word: str = "in") -> Path:
    (folder / "lists").mkdir(exist_ok=True)
    (folder / "lists" / "press.csv").write_text(text, encoding="utf-8")
    (folder / "tried.yml").write_text(RULE.format(word=word))
    return folder


def _members(folder: Path) -> dict[str, str]:
    tables = Tables(AS_OF)
    emails = {"a": "ann@shop.example", "b": "bob@shop.example", "none": None}
    profiles = [{"stripe_customer_id": key, "email": email} for key, email in emails.items()]
    tables.fill("customer_profiles", profiles)
    return tables.members(folder, "tried")["tried"]


@pytest.mark.parametrize(
    "text",
    [
        "stripe_customer_id\na\n a \nunknown\n",
        "email\nANN@shop.example \nann@shop.example\n",
        'name,email,note\n"Ann, Press",ann@shop.example,\n',
        "\ufeffemail\r\nann@shop.example\r\n",
        "email,stripe_customer_id\nbob@shop.example,a\n",
    ],
)
def test_who_is_in_a_list(tmp_path: Path, text: str) -> None:
    found = _members(_folder(tmp_path, text))
    assert {key: json.loads(why) for key, why in found.items()} == {"a": {"in_list_press": True}}
    assert set(_members(_folder(tmp_path, text, "not in"))) == {"b", "none"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mail\na@b.c\n", "has no column stripe_customer_id or email"),
        ("email;name\na@b.c;Ann\n", "has no column stripe_customer_id or email"),
        ("", "has no column stripe_customer_id or email"),
        ("email,email\na,b\n", "each its own"),
        ("email,it's\na,b\n", "need names of letters"),
    ],
)
def test_a_list_that_can_t_be_used_is_named_with_the_line(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        load_segments(_folder(tmp_path, text))
    assert "tried.yml, line 3: " in str(caught.value) and message in str(caught.value)


def test_a_list_that_isn_t_there_is_named_with_the_near_miss(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "email\n")
    (folder / "tried.yml").write_text(RULE.format(word="in").replace("press", "pres"))
    with pytest.raises(UsageError, match=r"there is no list pres\.csv .*did you mean press\.csv"):
        load_segments(folder)
