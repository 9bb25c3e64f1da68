"""Amounts, numbers, dates and plurals by the reader's locale, with Stripe's decimals."""

import csv
from datetime import date
from decimal import Decimal

import pytest
from babel import Locale
from babel.numbers import parse_decimal
from hypothesis import given
from hypothesis import strategies as st

from stripe_pipeline.activation.templates import Template, TemplateError
from stripe_pipeline.activation.templating.speech import speech_of
from stripe_pipeline.values.money import CURRENCIES, Amount, Minor, in_decimals

with CURRENCIES.open(encoding="utf-8", newline="") as _file:
    EXPONENTS = {row["currency"]: int(row["exponent"]) for row in csv.DictReader(_file)}
LOCALES = ("de-DE", "de-AT", "en-US", "en-IN", "fr-FR", "ja-JP", "pl", "pt-BR", "sv-SE", "de-CH")


def shown(
    source: str, value: object, locale: str | None = None, language: str | None = None
) -> str:
    """What a template prints of `profile.x`, with the fixed spaces of locales as plain ones."""
    template = Template(source, language=language)
    text = template.render({"x": value, "locale": locale}, {"today": date(2026, 6, 15)})
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "printed"),
    [
        ("1284.50", "eur", "de-DE", "1.284,50 €"),
        ("1284.50", "eur", "de-AT", "€ 1.284,50"),
        ("1284.50", "eur", "fr", "1 284,50 €"),
        ("1284.50", "usd", "en-US", "$1,284.50"),
        ("-1284.50", "usd", "en-US", "-$1,284.50"),
        ("1200", "jpy", "ja-JP", "￥1,200"),
        ("1200", "jpy", "de-DE", "1.200 ¥"),
        ("1.25", "kwd", "en", "KWD1.250"),
        # Stripe counts them in hundredths; CLDR has no decimals for them.
        ("1284.5", "isk", "de-DE", "1.284,50 ISK"),
        ("1284.5", "ugx", "en-US", "UGX1,284.50"),
        # CLDR has none for these three either, and Stripe has two.
        ("1284.5", "huf", "en-US", "HUF1,284.50"),
        ("0.005", "usd", "en-US", "$0.005"),
        ("1284.50", "inr", "en-IN", "₹1,284.50"),
        ("123456789", "inr", "en-IN", "₹12,34,56,789.00"),
        ("1284.50", "eur", None, "€1,284.50"),
        ("1284.50", "eur", "xx", "€1,284.50"),
        ("1284.50", "eur", "de-XX", "1.284,50 €"),
    ],
)
def test_money_stands_as_the_reader_writes_it(
    amount: str, currency: str, locale: str | None, printed: str
) -> None:
    value = in_decimals(Decimal(amount), currency)
    assert shown("{{ profile.x | money }}", value, locale) == printed


@given(
    st.sampled_from(sorted(EXPONENTS)),
    st.integers(-(10**17), 10**17),
    st.sampled_from([locale for locale in LOCALES if not locale.startswith("en-IN")]),
)
def test_no_digit_is_lost_whichever_the_currency_and_locale(
    currency: str, minor: int, locale: str
) -> None:
    exponent = EXPONENTS[currency]
    text = Template("{{ profile.x | money }}").render(
        {"x": Minor(minor, currency), "locale": locale}, {}
    )
    digits = "".join(character for character in text if character.isdecimal())
    assert int(digits) == abs(minor)
    decimal = {"number": Locale.parse(locale.replace("-", "_")).number_symbols["latn"]["decimal"]}
    if exponent:
        assert text.rpartition(decimal["number"])[2].strip("\u00a0 -abcdefghijklmnopqrstuvwxyz")
        assert len([c for c in text.rpartition(decimal["number"])[2] if c.isdecimal()]) == exponent


@given(st.decimals(-(10**15), 10**15, places=2), st.sampled_from(LOCALES))
def test_a_printed_number_reads_back_as_itself(number: Decimal, locale: str) -> None:
    text = Template("{{ profile.x | number }}").render(
        {"x": Amount(number, "usd", 2), "locale": locale}, {}
    )
    assert parse_decimal(text, locale=locale.replace("-", "_")) == number


@pytest.mark.parametrize(
    ("source", "value", "printed"),
    [
        ("{{ profile.x | money }}", Minor(128450, "eur"), "1.284,50 €"),
        ("{{ profile.x | money: 'EUR' }}", Minor(128450, "eur"), "1.284,50 €"),
        ("{{ profile.x | money }}", Minor(1200, "jpy"), "1.200 ¥"),
        ("{{ profile.x | money: 'eur' }}", Decimal("9.5"), "9,50 €"),
        ("{{ profile.x | money: 'eur' | default: '-' }}", None, "-"),
        ("{{ profile.x | number }}", 1284, "1.284"),
        ("{{ profile.x | number | divided_by: 5 }}", 1284, "256"),
        ("{{ profile.x | number | plus: 1 }}", Decimal("12.5"), "13.5"),
        ("{{ profile.x | number: 1 }}", Decimal("1234.25"), "1.234,3"),
        ("{{ profile.x | number }}", "many", ""),
        ("{{ profile.x | date: 'short' }}", date(2026, 6, 20), "20.06.26"),
        ("{{ profile.x | date: 'full' }}", date(2026, 6, 20), "Samstag, 20. Juni 2026"),
        ("{{ profile.x | date: '%b %a' }}", date(2026, 3, 20), "März Fr."),
        ("{{ profile.x | plural: 'Kauf', 'Käufe' }}", 1, "Kauf"),
    ],
)
def test_a_german_reader(source: str, value: object, printed: str) -> None:
    assert shown(source, value, "de-DE") == printed


@pytest.mark.parametrize(
    ("source", "value", "said"),
    [
        ("{{ profile.x | money }}", 12, "euros or cents"),
        ("{{ profile.x | money: 'eur' }}", 12, "euros or cents"),
        ("{{ profile.x | money }}", Decimal("1.5"), "needs the currency"),
        ("{{ profile.x | money: 'usd' }}", Amount(Decimal(1), "eur", 2), "doesn't convert"),
        ("{{ profile.x | money: 'euro' }}", Decimal("1.5"), "did you mean eur"),
        ("{{ profile.x | date: 'lon' }}", date(2026, 1, 1), "did you mean long"),
        ("{{ profile.x | plural: 'order' }}", 1, "the forms of a word"),
        ("{{ profile.x | plural: 'a', 'b', few: 'c' }}", 1, "the text's language"),
        ("{{ profile.x | number: 'x' }}", 1, "a whole number of decimals"),
    ],
)
def test_what_cant_be_printed_rightly_is_refused(source: str, value: object, said: str) -> None:
    with pytest.raises(TemplateError, match=said):
        shown(source, value)


@pytest.mark.parametrize(
    ("count", "word"), [(1, "plik"), (2, "pliki"), (5, "plików"), (22, "pliki"), (0, "plików")]
)
def test_a_language_of_more_forms_than_two(count: int, word: str) -> None:
    source = "{{ profile.x | plural: 'plik', 'pliku', few: 'pliki', many: 'plików' }}"
    assert shown(source, count, language="pl") == word


def test_an_undeclared_text_has_the_two_forms_of_english_for_every_reader() -> None:
    # Japanese has one form for all numbers, and French the first one for 0.
    source = "{{ profile.x }} {{ profile.x | plural: 'order', 'orders' }}"
    assert shown(source, 1, "ja-JP") == "1 order"
    assert shown(source, 0, "fr-FR") == "0 orders"
    assert shown(source, 0, "fr-FR", language="fr") == "0 order"


def test_an_english_text_has_no_german_month_in_it() -> None:
    source = "{{ profile.x | date: 'long' }}"
    assert shown(source, date(2026, 6, 20), "de-DE", language="en") == "June 20, 2026"
    assert shown(source, date(2026, 6, 20), "en-GB", language="en") == "20 June 2026"
    assert shown(source, date(2026, 6, 20), "de-DE") == "20. Juni 2026"
    assert str(speech_of("de-AT", "de").locale) == "de_AT"
    assert str(speech_of("zh-TW", None).locale) == "zh_Hant_TW"
