"""No cell of a CSV is a formula, whatever separator a spreadsheet reads it with."""

import csv
import io
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stripe_pipeline.activation.csv_cells import is_unsafe, neutralise, restore
from stripe_pipeline.activation.export import export
from tests.activation.shop import (
    AS_OF,
    consent,
    customer,
    exported,
    open_shop,
    publish_shop,
    stay,
    written,
)
from tests.variants import variants

TRIGGERS = set("=+-@\t\uff1d\uff0b\uff0d\uff20")
_ODD = [
    *"=+-@\t\r\n;,'\" |a1(\\", "\r\n", "\u200b", "\ufeff", "\u00a0", "\u3000", "\u2028", "\u00ad",
    "\x00", "\x0b", "\x1f", "\u3164", "\uff1d", "\uff0b", "\uff20", "''", '""', "\u2060",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(_ODD), max_size=12).map("".join) | st.text(max_size=20)


def _is_passed_over(character: str) -> bool:
    return character == '"' or unicodedata.category(character) in ("Zs", "Zl", "Zp", "Cc", "Cf")


def _begins_like_a_formula(cell: str) -> bool:
    for character in cell:
        if character in TRIGGERS:
            return True
        if not _is_passed_over(character):
            return False
    return False


def _cells(text: str, separator: str) -> list[str]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    return [cell for row in reader for cell in row]


@settings(max_examples=200, deadline=None, database=None)
@given(TEXTS, TEXTS)
def test_no_cell_is_a_formula_in_any_mode(subject: str, body: str) -> None:
    _assert_no_formula(subject, body)


@pytest.mark.slow
@settings(max_examples=1_500, deadline=None, database=None)
@given(TEXTS, TEXTS)
def test_no_cell_of_many_texts_is_a_formula_in_any_mode(subject: str, body: str) -> None:
    _assert_no_formula(subject, body)


def _assert_no_formula(subject: str, body: str) -> None:
    assert restore(neutralise(subject)) == subject
    file = io.StringIO(newline="")
    csv.writer(file).writerow(["k1", "a@shop.example", neutralise(subject), neutralise(body), "x"])
    for separator in ",;\t":
        for cell in _cells(file.getvalue(), separator):
            assert not _begins_like_a_formula(cell), (separator, cell)
    [row] = csv.reader(io.StringIO(file.getvalue(), newline=""))
    assert [restore(cell) for cell in row[2:4]] == [subject, body]


@pytest.mark.parametrize(
    ("text", "neutralised"),
    [
        ("=1+1", "'=1+1"),
        (" =1", " '=1"),
        ("\u200b\u00a0=1", "\u200b\u00a0'=1"),
        ("Hi;=1", "Hi;'=1"),
        ('Hi; "=1', "Hi; \"'=1"),
        ("Hi\n\n- a\n- b", "Hi\n\n'- a\n'- b"),
        ("\n=x", "'\n'=x"),
        ("a\t=1", "a\t'=1"),
        ("'=1", "''=1"),
        ("Ann-Marie, +1 and a@b", "Ann-Marie, +1 and a@b"),
        ("", ""),
    ],
)
def test_the_apostrophe_goes_before_the_character(text: str, neutralised: str) -> None:
    assert neutralise(text) == neutralised
    assert restore(neutralised) == text


def test_every_blank_and_invisible_character_is_passed_over() -> None:
    odd = (chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000)
    missed = [
        f"U+{ord(character):04X}"
        for character in odd
        if character not in "\t\r\n;"
        and _is_passed_over(character)
        and neutralise(f"{character}=1") != f"{character}'=1"
    ]
    assert missed == []


@variants(
    "email, is_held",
    [
        ("=1@shop.example", True),
        ("+a@shop.example", True),
        ("-a@shop.example", True),
        ('"=1"@shop.example', True),
        ("'=a@shop.example", True),
        ("a;=b@shop.example", True),
        ("\uff1da@shop.example", True),
        ("a+b@shop.example", False),
        ("a-b=c@shop.example", False),
        ("o'neil@shop.example", False),
    ],
    quick=(("=1@shop.example", True), ("a;=b@shop.example", True), ("o'neil@shop.example", False)),
)
def test_an_address_is_held_or_written_as_it_is(tmp_path: Path, email: str, is_held: bool) -> None:
    assert is_unsafe(email) is is_held
    settings_ = open_shop(tmp_path / "home")
    person = customer(1, email=email)
    publish_shop(settings_, [person], [stay(person)], [consent(email)])
    report = export(settings_, "email", AS_OF)
    if is_held:
        assert report.campaigns[0].counts == {"held": {"unsafe_address": 1}}
    else:
        with (written(report) / "email.csv").open(encoding="utf-8", newline="") as file:
            assert [row["email"] for row in csv.DictReader(file)] == [email]


@variants(
    "name",
    [
        "=1+1",
        "+1",
        "-1",
        "@x",
        "\tx",
        "\rx",
        "\n=x",
        "'=1",
        "''=1",
        "'t Hooft",
        'a;b,c"d\ne',
        "Zoë 雪",
    ],
    quick=("=1+1", "\n=x", "''=1", 'a;b,c"d\ne'),
)
def test_csv_cells_come_back_and_none_is_a_formula(tmp_path: Path, name: str) -> None:
    campaign = (
        "name: raw\nsegment: vip\nexisting_members: include\n"
        'channel: email\nsubject: s\nbody: "{{ profile.first_name }}"\n'
    )
    settings = open_shop(tmp_path / "home", campaign)
    person = customer(1, first_name=name)
    publish_shop(settings, [person], [stay(person)], [consent(person["email"])])
    folder = written(export(settings, "email", AS_OF))
    with (folder / "email.csv").open(encoding="utf-8", newline="") as file:
        [row] = csv.DictReader(file)
    [exact] = exported(settings)
    assert exact["body"] == name.strip()
    assert row["body"][:1] not in set("=+-@\t\r\n")
    assert {key: restore(value) for key, value in row.items()} == exact
