"""Filters that print by the locale of the message: `money`, `number`, `date`, `plural`.

Unicode's CLDR (Babel) says where signs and separators stand. It doesn't say how many decimals a
currency has: those are Stripe's (values/money.py), whose ISK and UGX differ.
"""

import copy
from collections.abc import Callable, Mapping
from decimal import Decimal, localcontext
from typing import Any, TypeVar

from babel.dates import format_date
from babel.numbers import NumberPattern

from stripe_pipeline.activation.templating.dates import day_of, print_date
from stripe_pipeline.activation.templating.kinds import as_text, refusal
from stripe_pipeline.activation.templating.numbers import Numeric, number, text_number
from stripe_pipeline.activation.templating.speech import Speech
from stripe_pipeline.values.money import (
    EXACT,
    Amount,
    Minor,
    Number,
    currencies,
    exponent_of,
    rounded,
)
from stripe_pipeline.values.near_miss import did_you_mean

NAMED_FORMS = ("short", "medium", "long", "full")
_MOST_DECIMALS = 20
_FEWER = ("zero", "two", "few", "many")
_NOT_GIVEN = object()
Filter = TypeVar("Filter", bound=Callable[..., Any])


def by_locale(function: Filter) -> Filter:
    """Mark a filter that takes the message's `speech`."""
    function.by_locale = True  # type: ignore[attr-defined]
    return function


class LocalInt(int):
    """A whole number that prints by a locale; computing gives a plain one."""

    text: str

    def __str__(self) -> str:
        return self.text


class LocalNumber(Number):
    """A number that prints by a locale; computing gives a plain one."""

    text: str

    def __str__(self) -> str:
        return self.text


class LocalAmount(Amount):
    """An amount that prints without its currency by a locale; computing gives a plain one."""

    text: str

    def __str__(self) -> str:
        return self.text


@by_locale
def money(value: object, currency: object = _NOT_GIVEN, *, speech: Speech) -> str | None:
    """Print an amount with its currency, as `1.284,50 €`; a null gives a null.

    Raises:
        FilterArgumentError: it isn't money, or its currency isn't the one that is named.
    """
    found = number(value, "money")
    named = None if currency is _NOT_GIVEN else _currency(currency)
    if found is None or currency is None:
        return None
    amount = _amount(found, named)
    pattern = speech.locale.currency_formats["standard"]
    with localcontext(EXACT):
        text: str = _with_decimals(pattern, amount.decimals).apply(
            rounded(amount, amount.decimals), speech.locale,
            currency=amount.currency.upper(), currency_digits=False,
        )  # fmt: skip
    return text


def _currency(given: object) -> str | None:
    if given is None:
        return None
    code = as_text(given).casefold()
    if code not in currencies():
        raise refusal(f"money takes a currency's code{did_you_mean(code, currencies())}")
    return code


def _amount(found: Numeric, named: str | None) -> Amount:
    if isinstance(found, (Amount, Minor)):
        if named not in (None, found.currency):
            raise refusal("money doesn't convert: the amount is in another currency than named")
        return found if isinstance(found, Amount) else found.in_major_units()
    if isinstance(found, int):
        raise refusal(
            "money can't tell whether a whole number counts euros or cents; give it an amount of "
            "the profile, or a number with decimals"
        )
    if named is None:
        raise refusal("money needs the currency of a plain number, as in money: 'eur'")
    return Amount(found, named, exponent_of(named))


@by_locale
def localized_number(value: object, decimals: object = None, *, speech: Speech) -> Numeric | None:
    """Return a number that prints by the locale, as `1.284,5`; of a text that is none a null."""
    found = text_number(value) if isinstance(value, str) else number(value, "number")
    if found is None:
        return None
    if decimals is not None:
        found = _to_decimals(found, decimals)
    plain = str(Amount.__str__(found) if isinstance(found, Amount) else Number(found))
    pattern = _with_decimals(speech.locale.decimal_formats[None], len(plain.partition(".")[2]))
    with localcontext(EXACT):
        return _printed(found, pattern.apply(Decimal(plain), speech.locale))


def _to_decimals(found: Numeric, decimals: object) -> Numeric:
    if not isinstance(decimals, int) or not 0 <= decimals <= _MOST_DECIMALS:
        raise refusal("number takes a whole number of decimals")
    if isinstance(found, Amount):
        return Amount(rounded(found, decimals), found.currency, decimals)
    return Number(rounded(found, decimals))


def _printed(found: Numeric, text: str) -> Numeric:
    printed: LocalInt | LocalNumber | LocalAmount
    if isinstance(found, Amount):
        printed = LocalAmount(found, found.currency, found.decimals)
    else:
        printed = LocalInt(found) if isinstance(found, int) else LocalNumber(found)
    printed.text = text
    return printed


def _with_decimals(pattern: NumberPattern, decimals: int) -> NumberPattern:
    own = copy.copy(pattern)
    own.frac_prec = (decimals, decimals)
    return own


@by_locale
def localized_date(value: object, form: object = "%F", *, speech: Speech) -> str:
    """Print a date by letters, as `%d %B %Y`, or by a form of the locale, as `long`."""
    if form not in NAMED_FORMS:
        if isinstance(form, str) and form and "%" not in form:
            raise refusal(f"date has no form {form}{did_you_mean(form, NAMED_FORMS)}")
        return print_date(value, form, speech.locale)
    day = day_of(value, "date")
    return "" if day is None else format_date(day, as_text(form), locale=speech.locale)


@by_locale
def plural(
    value: object, one: object = None, other: object = None, *, speech: Speech, **forms: object
) -> object:
    """Return the form of a word that goes with a number: `plural: "order", "orders"`.

    Raises:
        FilterArgumentError: a form is missing, or can't be chosen as the text's language isn't
            declared.
    """
    if one is None or other is None or set(forms) - set(_FEWER):
        raise refusal('plural takes the forms of a word, as in plural: "order", "orders"')
    if forms and not speech.is_declared:
        raise refusal(f"plural needs the text's language for {min(forms)}; add `language: pl`")
    found = number(value, "plural")
    if found is None:
        return None
    return _form(found, {"one": one, "other": other, **forms}, speech)


def _form(found: Numeric, forms: Mapping[str, object], speech: Speech) -> object:
    if not speech.is_declared:
        return forms["one"] if found == 1 else forms["other"]
    plain = found if isinstance(found, int) else Decimal(Number.__str__(Number(found)))
    return forms.get(speech.locale.plural_form(plain), forms["other"])


FILTERS: dict[str, Callable[..., Any]] = {
    "date": localized_date,
    "money": money,
    "number": localized_number,
    "plural": plural,
}
