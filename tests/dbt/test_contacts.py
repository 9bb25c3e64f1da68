"""Contact fields: what can be read with confidence is read, the rest is None."""

import pytest

from stripe_pipeline.contacts import (
    first_name,
    is_business,
    is_valid_email,
    last_name,
    normalize_phone,
)


@pytest.mark.parametrize(
    ("phone", "country", "expected"),
    [
        ("+49 30 123456", None, "+4930123456"),
        ("030 123456", "DE", "+4930123456"),
        ("(212) 736-5000", "us", "+12127365000"),
        ("0049 30 123456", "FR", "+4930123456"),
        ("+1 212 736 5000", "DE", "+12127365000"),
        ("030 123456", None, None),
        ("030 123456", "XX", None),
        ("12", "DE", None),
        ("call me", "US", None),
        ("   ", "US", None),
        ("", "US", None),
        (None, "US", None),
    ],
)
def test_phone_numbers_become_e164_or_none(phone, country, expected):
    assert normalize_phone(phone, country) == expected


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        ("jane@example.com", True),
        ("jane@bücher.example", True),
        ("jane..doe@example.com", False),
        ("jane@exam_ple.com", False),
        ("jane@nowhere.invalid", False),
        ("", False),
        (None, False),
    ],
)
def test_an_address_that_nobody_can_have_is_told(email, expected):
    assert is_valid_email(email) is expected


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Jane Doe", "Jane", "Doe"),
        ("  Jane \t Doe ", "Jane", "Doe"),
        ("Dr. Jane van der Berg", "Jane", "van der Berg"),
        ("van der Berg", None, "van der Berg"),
        ("Van Morrison", "Van", "Morrison"),
        ("Doe, Jane", "Jane", "Doe"),
        ("Jane Doe Jr.", "Jane", "Doe"),
        ("María José García", "María", "García"),
        ("Siobhán O'Neil", "Siobhán", "O'Neil"),
        ("Anne-Marie Dupont", "Anne-Marie", "Dupont"),
        ("Maria Sa", "Maria", "Sa"),
        ("Madonna", "Madonna", None),
        ("王小明", "小明", "王"),
        ("欧阳娜娜", "娜娜", "欧阳"),
        ("山田 太郎", "太郎", "山田"),
        ("김민수", "민수", "김"),
        ("남궁민수", "민수", "남궁"),
        # Where a Japanese surname ends can't be told without a blank.
        ("山田太郎", None, None),
        ("さくら", None, None),
        ("", None, None),
        (" \u200b ", None, None),
        (None, None, None),
    ],
)
def test_a_person_s_name_is_split(name, first, last):
    assert first_name(name, None, None) == first
    assert last_name(name, None, None) == last


@pytest.mark.parametrize(
    "name",
    [
        "Acme GmbH",
        "Acme, Inc.",
        "Müller & Söhne",
        "Blue Bottle Coffee Company",
        "Société Générale SA",
        "7 Eleven",
        "info@example.com",
        "トヨタ株式会社",
        "北京科技有限公司",
    ],
)
def test_a_business_name_stays_whole(name):
    assert is_business(name)
    assert first_name(name, None, None) is None
    assert last_name(name, None, None) is None


def test_the_business_name_field_marks_the_name_as_a_business():
    assert first_name("Rosa Blum", "Rosa Blum", None) is None
    assert first_name("Rosa Blum", "Blum's Flowers", None) == "Rosa"


def test_the_individual_name_goes_before_the_business():
    assert first_name("Acme GmbH", "Acme GmbH", "Jane Doe") == "Jane"
    assert last_name("Acme GmbH", "Acme GmbH", "Jane Doe") == "Doe"
