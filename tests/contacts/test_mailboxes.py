"""Email addresses: one form in a profile, and one mailbox whatever is written around it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripe_pipeline.contacts.mailboxes import PLAIN, mailbox_of, normalize_email

ANN = "ann@shop.example"


@pytest.mark.parametrize(
    "typed",
    [
        "  Ann@Shop.Example\u200b ",
        "Ann <ann@shop.example>",
        '"Smith, Ann" <ANN@shop.example>;',
        "<ann@shop.example>",
        "<<ann@shop.example>>",
        "mailto:ann@shop.example",
        "MAILTO:ann%40shop.example?subject=unsubscribe",
        "<mailto:ann@shop.example>",
        "'ann@shop.example'",
        '"ann@shop.example"',
        "\u201eann@shop.example\u201c",
        "\u00abann@shop.example\u00bb",
        "(ann@shop.example)",
        "[ann@shop.example]",
        "ann@shop.example (Ann, at work)",
        "Ann <ann@shop.example> (work)",
        "ann@shop.example.",
        "ann@shop.example,",
        "ann@shop.example!",
        '"ann"@shop.example',
        '="ann@shop.example"',
        "='ann@shop.example'",
        '="Ann <ann@shop.example>"',
        "ann\uff20shop.example",
        "\uff41nn@shop\uff0eexample",
        "ann@shop\u3002example",
        "\u00a0ann@shop.example\ufeff\r\n",
    ],
)
def test_what_stands_around_an_address_is_taken_off(typed: str) -> None:
    assert mailbox_of(typed) == ANN


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a@b\u00fccher.example", "A@XN--BCHER-KVA.example"),
        ("a@B\u00dcCHER.example", "a@bu\u0308cher.example"),
        ("zo\u00eb@x.example", "Zoe\u0308@x.example"),
        ("\u0130@x.example", "I\u0307@x.example"),
        ("a@\u4f8b\u3048.\u30c6\u30b9\u30c8", "a@xn--r8jz45g.xn--zckzah"),
    ],
)
def test_two_spellings_of_one_mailbox_are_the_same(one: str, other: str) -> None:
    assert mailbox_of(one) == mailbox_of(other)
    assert mailbox_of(one) is not None


@pytest.mark.parametrize(
    "typed",
    [
        None, "", "@", "ann", "ann@shop", "@shop.example", "a@b@shop.example", "ann@.example",
        "ann@shop..example", "a nn@shop.example", "a\u00adnn@shop.example", "Ann ann@shop.example",
        "ann@shop.example, bob@shop.example", "ann@shop.example <bob@shop.example> eve@x.example",
        "<ann@shop.example> <bob@shop.example>", "<>", "mailto:", "mail:ann@shop.example",
        'a"nn@shop.example', "a,ann@shop.example", "ann@shop.example]x.example", "a\\@shop.example",
        "ann;bob@shop.example", "=(ann@shop.example", "[ann]bob@shop.example",
    ],
)  # fmt: skip
def test_what_means_no_single_mailbox_is_refused(typed: str | None) -> None:
    assert mailbox_of(typed) is None


@pytest.mark.parametrize(
    ("written", "email"),
    [
        ("  Ada@Shop.Example\u200b ", "ada@shop.example"),
        ("zo\u00eb@M\u00dcNCHEN.example", "zo\u00eb@m\u00fcnchen.example"),
        ("Ann <ann@shop.example>", None),
        ("a@b@x.example", None),
        (None, None),
    ],
)
def test_a_profile_keeps_the_domain_in_unicode(written: str | None, email: str | None) -> None:
    assert normalize_email(written) == email


_PIECES = st.sampled_from(
    ["a", "Z", "\u00fc", "u\u0308", "\u0130", "\u03a3", "\u00df", "9", ".", "-", "_", "+", "@",
     "@x.example", "<", ">", "(", ")", "'", '"', " ", "\u200b", "\uff20", "\u3002", "mailto:",
     "%40", ",", ";", "xn--", "\ufb01", "\u200d", "[", "]", "{", "}", "!", "?"]
)  # fmt: skip
_TEXTS = st.lists(_PIECES, max_size=9).map("".join)


@given(_TEXTS)
def test_a_mailbox_is_its_own_spelling(text: str) -> None:
    found = mailbox_of(text)
    assert mailbox_of(found) == found


@given(_TEXTS)
def test_a_profiles_email_means_the_mailbox_of_what_was_written(text: str) -> None:
    email = normalize_email(text)
    if email is not None:
        assert mailbox_of(email) == mailbox_of(text)
        assert normalize_email(email) == email


@given(st.from_regex(re.compile(PLAIN), fullmatch=True, alphabet=st.characters(codec="ascii")))
def test_a_plain_address_needs_no_reading(text: str) -> None:
    # A letter before and after makes it go the long way, and falls off again.
    assert mailbox_of(f"<{text}>") == text
