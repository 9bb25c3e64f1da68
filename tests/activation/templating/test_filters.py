"""Every filter on a value of every type: what it prints is pinned, and nothing counts as 0."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from liquid import Environment

from stripe_pipeline.activation.templates import Template, TemplateError
from stripe_pipeline.activation.templating.environment import FILTERS
from stripe_pipeline.activation.values import PlainMap
from stripe_pipeline.values.money import Amount, Number

PINNED = Path(__file__).parent / "filters.txt"
VALUES = {
    "amount": Amount(Decimal("1284.50"), "usd", 2),
    "int": 7,
    "text": "Ann Lee",
    "digits": "12.5",
    "date": date(2026, 1, 2),
    "bool": True,
    "list": ["b", "A", "b"],
    "map": PlainMap({"usd": Amount(Decimal("3.50"), "usd", 2)}),
    "null": None,
}
# Arguments for the filters that take some; the others stand alone.
ARGUMENTS = {
    "append": ["'!'", "amount", "null"],
    "at_least": ["2000", "amount"],
    "at_most": ["1000.5", "amount"],
    "concat": ["list"],
    "date": ["'%-d %B %Y'"],
    "default": ["'none'"],
    "divided_by": ["2", "0.3", "amount"],
    "find": ["'usd'"],
    "find_index": ["'usd'"],
    "has": ["'usd'", "'usd', 3.5"],
    "join": ["' & '"],
    "map": ["'usd'"],
    "minus": ["0.1", "amount", "null"],
    "modulo": ["2", "0.3"],
    "plus": ["5", "'0.2'", "amount"],
    "prepend": ["'> '"],
    "reject": ["'usd'"],
    "remove": ["'A'"],
    "remove_first": ["'A'"],
    "remove_last": ["'A'"],
    "replace": ["'A', amount"],
    "replace_first": ["'A', 'x'"],
    "replace_last": ["'A', 'x'"],
    "round": ["", "1", "-2"],
    "slice": ["0, 2"],
    "split": ["' '"],
    "times": ["2", "0.15", "amount"],
    "truncate": ["5"],
    "truncatewords": ["1"],
    "where": ["'usd'"],
}


def _sources() -> Iterator[str]:
    for name in sorted(FILTERS):
        for arguments in ARGUMENTS.get(name, [""]):
            yield f"{{{{ value | {name}{f': {arguments}' if arguments else ''} }}}}"


def _result(source: str, value: object) -> str:
    values = {"value": value, "amount": VALUES["amount"], "list": ["z"], "null": None}
    try:
        return f"= {Template(source).render({}, values)}"
    except TemplateError as error:
        return f"! {error.message}"


def _lines() -> Iterator[str]:
    for source in _sources():
        for kind, value in VALUES.items():
            yield f"{source:<40} {kind:<7} {_result(source, value)}".rstrip()


def test_every_filter_does_what_is_pinned() -> None:
    """What changes here has to be right; then write the file with `_lines()`."""
    assert list(_lines()) == PINNED.read_text(encoding="utf-8").splitlines()


def test_every_filter_of_the_library_is_there() -> None:
    assert Environment().filters.keys() | {"money", "number", "plural"} == FILTERS.keys()
    assert ARGUMENTS.keys() <= FILTERS.keys()


_CENTS = st.integers(-(10**12), 10**12)
_OPERATIONS: dict[str, Callable[[Number, Number], Decimal]] = {
    "plus": lambda left, right: left + right,
    "minus": lambda left, right: left - right,
    "times": lambda left, right: left * right,
    "at_least": max,
    "at_most": min,
}


def _money(cents: int, decimals: int = 2) -> Amount:
    return Amount(Decimal(cents).scaleb(-decimals), "usd", decimals)


@settings(deadline=None)
@given(st.sampled_from(sorted(_OPERATIONS)), _CENTS, _CENTS, st.integers(0, 6))
def test_arithmetic_is_that_of_decimals(name: str, left: int, right: int, scale: int) -> None:
    """The result is exact, also where the digits don't fit into what is printed."""
    other = Number(Decimal(right).scaleb(-scale))
    exact = _OPERATIONS[name](_money(left), other)
    source = (
        f"{{% assign found = left | {name}: right %}}{{% if found == exact %}}same{{% endif %}}"
    )
    values = {"left": _money(left), "right": other, "exact": Number(exact)}
    assert Template(source).render({}, values) == "same"
    printed = Template(f"{{{{ left | {name}: right }}}}").render({}, values)
    assert printed == _half_up(exact, 2)


@settings(deadline=None)
@given(_CENTS, _CENTS.filter(bool), st.integers(0, 3))
def test_a_quotient_prints_with_the_currencys_decimals(left: int, right: int, scale: int) -> None:
    values = {"left": _money(left, scale), "right": right}
    printed = Template("{{ left | divided_by: right }}").render({}, values)
    # Long division in integers: half up is half away from zero.
    places = 10**scale
    sign = "-" if (left < 0) != (right < 0) else ""
    twice, rest = divmod(2 * abs(left), 2 * abs(right))
    units = twice + (1 if 2 * rest >= 2 * abs(right) else 0)
    whole = f"{units // places}" + (f".{units % places:0{scale}}" if scale else "")
    assert printed.lstrip("-") == whole
    assert printed.startswith("-") == (bool(sign) and left != 0) or units == 0


@settings(deadline=None)
@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9).filter(bool))
def test_whole_numbers_divide_to_whole_ones(left: int, right: int) -> None:
    values = {"left": left, "right": right}
    source = "{{ left | divided_by: right }} {{ left | modulo: right }}"
    assert Template(source).render({}, values) == f"{left // right} {left % right}"


@settings(deadline=None)
@given(_CENTS, _CENTS.filter(bool))
def test_a_remainder_has_the_divisors_sign(left: int, right: int) -> None:
    values = {"left": _money(left), "right": _money(right)}
    cents = left % right
    printed = Template("{{ left | modulo: right }}").render({}, values)
    assert Decimal(printed) == Decimal(cents).scaleb(-2)


@settings(deadline=None)
@given(_CENTS)
def test_rounding_is_half_up_and_to_whole_numbers(cents: int) -> None:
    values = {"value": _money(cents)}
    source = "{{ value | round }} {{ value | ceil }} {{ value | floor }} {{ value | abs }}"
    rounded = (abs(cents) + 50) // 100 * (-1 if cents < 0 else 1)
    expected = (
        f"{rounded} {-(-cents // 100)} {cents // 100} {abs(cents) // 100}.{abs(cents) % 100:02}"
    )
    assert Template(source).render({}, values) == expected


@settings(deadline=None)
@given(st.lists(_CENTS, min_size=1))
def test_a_sum_is_exact(cents: list[int]) -> None:
    values = {"list": [_money(each) for each in cents]}
    assert Decimal(Template("{{ list | sum }}").render({}, values)) == Decimal(sum(cents)).scaleb(
        -2
    )


def _half_up(value: Decimal, decimals: int) -> str:
    scaled = abs(value) * 10**decimals
    units = int(scaled) + (1 if scaled - int(scaled) >= Decimal("0.5") else 0)
    sign = "-" if value.is_signed() else ""
    return f"{sign}{units // 10**decimals}.{units % 10**decimals:0{decimals}}"


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("{{ 0.1 | plus: 0.2 }}", "0.3"),
        ("{{ 1.10 }}", "1.10"),
        ("{{ 10 | divided_by: 4 }} {{ 10.0 | divided_by: 4 }}", "2 2.5"),
        ("{{ 1 | divided_by: 3.0 }}", "0.3333333333"),
        ("{{ jpy | divided_by: 7 }} {{ jpy | times: 1.5 }}", "171 1800"),
        ("{{ kwd | times: 0.5 }} {{ kwd | round: 2 }}", "0.625 1.25"),
        ("{{ jpy | round: 2 }}", "1200"),
        ("{{ 12345678901234567890123456789 | times: 3 | plus: 0.5 }}",
         "37037036703703703670370370367.5"),
        ("{{ 7 | divided_by: zero }}|{{ 7 | modulo: zero }}", "|"),
        ("{{ 7 | divided_by: zero | default: 'none' }}", "none"),
        ("{{ -7.5 | round }} {{ 7.5 | round }} {{ 1250 | round: -2 }}", "-8 8 1300"),
        ("{{ list | sort | join: ', ' }}", "1, 2.50, 10"),
        ("{{ '10' | number | plus: 1 }}{{ 'ten' | number | plus: 1 }}", "11"),
        ("{% assign none = list | map: 'x' %}", "! map takes a map, or a list of maps."),
    ],
)  # fmt: skip
def test_numbers_in_detail(source: str, printed: str) -> None:
    values = {
        "jpy": _money(1200, 0), "kwd": _money(1250, 3), "zero": 0,
        "list": [10, Number("2.50"), 1],
    }  # fmt: skip
    try:
        assert Template(source).render({}, values) == printed
    except TemplateError as error:
        assert f"! {error.message}" == printed
