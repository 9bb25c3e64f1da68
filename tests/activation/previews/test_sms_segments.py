"""Segments of text messages: the alphabets and sizes of 3GPP TS 23.038, character by character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripe_pipeline.activation.previews.sms_segments import BASIC, EXTENSION, segments_of


@pytest.mark.parametrize(
    ("text", "alphabet", "units", "segments"),
    [
        ("", "GSM-7", 0, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 81, "GSM-7", 162, 2),
        # 153 is odd, so a segment of two-septet characters has 152 of them used.
        ("€" * 152, "GSM-7", 304, 2),
        ("€" * 153, "GSM-7", 306, 3),
        ("a" * 152 + "€" + "a" * 151, "GSM-7", 305, 2),
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 306, 3),
        ("ä" * 160, "GSM-7", 160, 1),
        ("Ç@£ΔΩ ÉÆ", "GSM-7", 8, 1),
        ("ç", "UCS-2", 1, 1),  # the small one isn't in the alphabet
        ("`", "UCS-2", 1, 1),
        ("a\u00a0b", "UCS-2", 3, 1),
        ("я" * 70, "UCS-2", 70, 1),
        ("я" * 71, "UCS-2", 71, 2),
        ("я" * 134, "UCS-2", 134, 2),
        ("я" * 135, "UCS-2", 135, 3),
        ("😀" * 35, "UCS-2", 70, 1),
        ("😀" * 36, "UCS-2", 72, 2),
        # 67 is odd: a segment holds 33 of them and no half.
        ("😀" * 66, "UCS-2", 132, 2),
        ("😀" * 67, "UCS-2", 134, 3),
        ("a" * 159 + "\u2019", "UCS-2", 160, 3),
    ],
)  # fmt: skip
def test_a_message_is_billed_as_so_many(
    text: str, alphabet: str, units: int, segments: int
) -> None:
    found = segments_of(text)
    assert (found.alphabet, found.units, found.segments) == (alphabet, units, segments)


def test_the_alphabet_is_the_whole_one() -> None:
    assert len(set(BASIC)) == len(BASIC) == 127  # and the escape character
    assert len(set(EXTENSION)) == 10
    assert not set(BASIC) & set(EXTENSION)


def test_it_says_which_characters_force_the_larger_alphabet() -> None:
    assert segments_of("it\u2019s \u201cso\u201d \u2019").forcing == "\u2019\u201c\u201d"


@given(st.text(st.sampled_from(BASIC[:40] + EXTENSION + "я😀"), max_size=400))
def test_no_character_is_torn_and_none_is_lost(text: str) -> None:
    """An own count: cut the text greedily by a search, in the place of arithmetic."""
    is_gsm = all(each in BASIC + EXTENSION for each in text)
    alone, joined = (160, 153) if is_gsm else (70, 67)

    def units(part: str) -> int:
        if is_gsm:
            return sum(2 if each in EXTENSION else 1 for each in part)
        return len(part.encode("utf-16-le")) // 2

    expected, rest = 0, text
    while rest:
        end = len(rest)
        while units(rest[:end]) > joined:
            end -= 1
        expected, rest = expected + 1, rest[end:]
    expected = 1 if units(text) <= alone else expected
    assert segments_of(text).segments == expected
    assert segments_of(text).units == units(text)
