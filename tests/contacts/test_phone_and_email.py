"""Phone numbers and email addresses: what can be read with confidence is read, the rest is None."""
# ruff: noqa: RUF001 - the digits of East Asian keyboards are meant.

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from stripe_pipeline.contacts.phone_and_email import is_valid_email, normalize_phone


@pytest.mark.parametrize(
    ("phone", "country", "expected"),
    [
        ("+49 30 123456", None, "+4930123456"),
        ("030 123456", "DE", "+4930123456"),
        ("(212) 736-5000", "us", "+12127365000"),
        ("0049 30 123456", "FR", "+4930123456"),
        ("+1 212 736 5000", "DE", "+12127365000"),
        # Abroad is dialled 011 from the United States, and an unknown country says nothing.
        ("0049 30 123456", "US", "+4930123456"),
        ("00 49 (30) 123456", None, "+4930123456"),
        ("011 49 30 123456", "US", "+4930123456"),
        ("49 30 123456", "DE", "+4930123456"),
        ("+49 (0)30 123456", None, "+4930123456"),
        ("tel:+49-30-123456", None, "+4930123456"),
        ("+49\u00a030\u2011123456", None, "+4930123456"),
        ("０３０ １２３４５６", "DE", "+4930123456"),
        # An extension has no place in E.164; the number itself stays.
        ("+1 212 736 5000 ext. 12", None, "+12127365000"),
        ("212-736-5000 x12", "US", "+12127365000"),
        ("030 123456", None, None),
        ("030 123456", "XX", None),
        ("00 12", None, None),
        ("+1 555 000 0000", None, None),
        ("12", "DE", None),
        ("call me", "US", None),
        ("   ", "US", None),
        ("", "US", None),
        (None, "US", None),
    ],
)
def test_phone_numbers_become_e164_or_none(
    phone: str | None, country: str | None, expected: str | None
) -> None:
    assert normalize_phone(phone, country) == expected


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        ("jane@example.com", True),
        ("jane@bücher.example", True),
        ("jane@shop.test", True),
        ("jane..doe@example.com", False),
        ("jane.@example.com", False),
        ("jane@exam_ple.com", False),
        ("jane@nowhere.invalid", False),
        (f"{'a' * 64}@example.com", True),
        (f"jane@{'a' * 64}.com", False),
        ("jane@example.com.", False),
        ('"jane doe"@example.com', False),
        ("", False),
        (None, False),
    ],
)
def test_an_address_that_no_one_can_have_is_told(email: str | None, expected: bool) -> None:
    assert is_valid_email(email) is expected


_LOCAL_PARTS = st.text("aZ9.+-_ü'@ ", max_size=6) | st.integers(60, 70).map(lambda n: "a" * n)
_LABELS = st.text("aZ9-_ü", max_size=4) | st.sampled_from(["test", "local", "xn--a", "com"])
_DOMAINS = st.lists(_LABELS, max_size=4).map(".".join) | st.integers(40, 70).map(
    lambda n: ".".join(["abc"] * n)
)


@given(_LOCAL_PARTS, _DOMAINS)
def test_an_address_counts_as_email_validator_says(local_part: str, domain: str) -> None:
    email = f"{local_part}@{domain}"
    assert is_valid_email(email) is _says_email_validator(email)


def _says_email_validator(email: str) -> bool:
    try:
        validate_email(email, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True
