"""What is refused before a run, and at once: it would fail for a person, or never end."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

import pytest

from stripe_pipeline.activation.contract import Contract, load_contract
from stripe_pipeline.activation.templates import Template, TemplateError
from stripe_pipeline.activation.templating import trial
from stripe_pipeline.activation.templating.limits import MAX_ITERATIONS
from stripe_pipeline.activation.templating.samples import Hints, sample_rows
from stripe_pipeline.activation.templating.speech import UNDECLARED

SALES = "profile.stripe_total_sales"
LOOPS = "the loops go round more than 5,000 times; limit them, as in `limit: 10`."
CURRENCIES = "these amounts may be in different currencies"
# A second's worth of calls. They are counted, as a second is another amount on each machine.
AT_ONCE = 5_000_000


@dataclass
class Calls:
    """How many functions were called."""

    count: int = 0


@contextmanager
def counted_calls() -> Iterator[Calls]:
    """Count the calls of Python's and of C's functions in a block."""
    calls = Calls()

    def count(frame: FrameType, event: str, argument: object) -> None:
        calls.count += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        yield calls
    finally:
        sys.setprofile(None)


@pytest.fixture(scope="module")
def contract() -> Contract:
    """All columns of a profile, with their types."""
    return load_contract()


def _refusal(contract: Contract, source: str, *, html: bool = False) -> str:
    with pytest.raises(TemplateError) as caught:
        Template(source, html=html).check(contract)
    return caught.value.message


@pytest.mark.parametrize(
    "source",
    [
        "{% if profile.stripe_last_create_order_date < today %}before today{% endif %}",
        "{% if profile.stripe_trial_ends_at >= '2026-01-31' %}later{% endif %}",
        "{% if '2026-01-31' <= profile.stripe_card_expires_on %}later{% endif %}",
        "{% if profile.stripe_card_expires_on == profile.created_at %}same{% endif %}",
        "{{ profile.stripe_plan_names | sort | join: ', ' }}",
        "{{ profile.stripe_plan_names | sort_natural | reverse | uniq | first }}",
        f"{{% if {SALES} > 99.99 and {SALES} != 0 %}}{{{{ {SALES} | times: 0.1 }}}}{{% endif %}}",
        f"{{{{ {SALES} | divided_by: profile.stripe_total_orders | default: 'none yet' }}}}",
        f"{{% case {SALES} %}}{{% when 0 %}}a{{% when 1284.50 %}}b{{% else %}}c{{% endcase %}}",
        "{% for pair in profile.stripe_sales_by_currency %}{{ pair[1] | round }} {{ pair[0] }}"
        "{% else %}nothing{% endfor %}",
        "{% if profile.stripe_sales_by_currency.eur > 10 %}"
        "{{ profile.stripe_sales_by_currency.eur }}{% endif %}",
        "{% if profile.stripe_sales_by_currency contains 'eur' %}euro{% endif %}",
        "{% if profile.stripe_plan_names.size > 0 %}"
        "{{ profile.stripe_plan_names.first }}{% endif %}",
        "{% if profile.stripe_plan_names contains 'Gold' %}gold{% endif %}",
        "{% if profile.first_name != blank %}{{ profile.first_name }}{% endif %}",
        "{% if profile.stripe_order_last_currency == reporting_currency %}"
        f"{{{{ {SALES} | minus: profile.stripe_order_last_value }}}}{{% endif %}}",
        "{% for n in (1..profile.stripe_total_orders) limit: 5 %}*{% endfor %}",
        "{% if profile.first_name %}{% assign name = profile.first_name %}{% endif %}{{ name }}",
        "{% liquid assign half = profile.stripe_loyalty_points | divided_by: 2\n echo half %}",
        "{% for name in profile.stripe_plan_names %}{% cycle 'odd', 'even' %}"
        "{% if forloop.last %}{% break %}{% endif %}{% endfor %}",
        "{% unless profile.stripe_delinquent %}thanks{% else %}please pay{% endunless %}",
        "I <3 this <https://shop.example> & more",
    ],
)
def test_what_a_marketer_writes_is_taken(contract: Contract, source: str) -> None:
    Template(source).check(contract)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (f"{{% if {SALES} > '100' %}}x{{% endif %}}", "a text doesn't compare with a number."),
        (f"{{% if {SALES} == '' %}}x{{% endif %}}", "a number doesn't compare with a text."),
        ("{% if profile.first_name <= today %}x{% endif %}",
         "a date compares with a date, or with a text such as '2026-01-31'."),
        ("{% if profile.created_at == 2026 %}x{% endif %}",
         "a date doesn't compare with a number."),
        ("{% case profile.stripe_total_orders %}{% when '1' %}x{% endcase %}",
         "a number doesn't compare with a text."),
        ("{% if profile.stripe_delinquent > false %}x{% endif %}",
         "true or false is neither smaller nor larger."),
        ("{% if profile.stripe_plan_names < 'x' %}x{% endif %}",
         "a list doesn't compare with a text."),
        ("{% if profile.stripe_total_orders contains 1 %}x{% endif %}",
         "contains takes a text, a list or a map, not a number."),
        ("{{ profile.first_name | times: 2 }}", "times takes a number, not a text."),
        (f"{{{{ {SALES} | divided_by: 0 }}}}", "divided_by can't divide by 0."),
        (f"{{{{ {SALES} | modulo: 0.0 }}}}", "modulo can't divide by 0."),
        ("{{ profile.stripe_plan_names[0] }}", "is undefined; give it a value"),
        ("{{ profile.stripe_sales_by_currency.eur }}", "is undefined; give it a value"),
        ("{% for pair in profile.stripe_sales_by_currency %}{{ pair.eur }}{% endfor %}",
         "is undefined; give it a value"),
        ("{% assign sum = 0 %}{% for pair in profile.stripe_sales_by_currency %}"
         "{% assign sum = sum | plus: pair[1] %}{% endfor %}{{ sum }}", CURRENCIES),
        (f"{{{{ {SALES} | minus: profile.stripe_order_last_value }}}}", CURRENCIES),
        (f"{{% if {SALES} > profile.stripe_order_last_value %}}x{{% endif %}}", CURRENCIES),
        ("{{ today | date: '%H:%M' }}", "%H is a time or depends on the machine"),
        ("{{ today | date: '%s' }}", "%s is a time or depends on the machine"),
        ("{{ today | date: '%Q' }}", "there is no %Q in the form of a date."),
        ("{{ 'now' | date: '%Y' }}", "date takes a date of the profile, or today."),
        ("{{ now }}", "there is no now."),
        ("{% assign profile = 'x' %}{{ profile.first_name }}", "the product's own name"),
        ("{% capture today %}x{% endcapture %}", "the product's own name"),
        ("{% for profile in profile.stripe_plan_names %}x{% endfor %}", "the product's own name"),
        ("{% if profile.first_name %}x{% else if profile.city %}y{% endif %}",
         "found an 'else' tag expression, did you mean 'elsif'?"),
        ("{{ profile.first_name | base64_decode }}", "invalid base64-encoded string."),
        ("{{ profile.first_name | append }}", "append doesn't take these arguments."),
        ("{{ profile.first_name | slice: today }}", "slice expected an integer start"),
        ("{{ [profile.first_name] }}", "there is no"),
        ("{{ profile[today] }}", "has to name a column"),
        ("{% if profile.city or profile.region and profile.country %}x{% endif %}",
         "can be read in two ways"),
        ("{% unless profile.city and profile.region or profile.country %}x{% endunless %}",
         "can be read in two ways"),
        ("{% render 'x' %}", "there is no partial x; a partial is a file in the campaign's folder, "
         "or in shared/ of the campaign folder."),
    ],
)  # fmt: skip
def test_what_would_be_wrong_is_refused(contract: Contract, source: str, said: str) -> None:
    assert said in _refusal(contract, source)


@pytest.mark.parametrize(
    "condition",
    ["profile.first_name == 'Zed'", "profile.stripe_total_orders == 4711",
     f"{SALES} > 98765432109.5", "today > '2031-01-01'", "profile.stripe_plan_names contains 'Q'"],
)  # fmt: skip
@pytest.mark.parametrize(
    "failing",
    ["{{ profile.first_name | times: 2 }}", "{% if profile.city > 5 %}x{% endif %}",
     "{{ profile.stripe_plan_names | map: 'x' | first }}", "{{ today | plus: 1 }}"],
)  # fmt: skip
def test_no_condition_hides_what_fails(contract: Contract, condition: str, failing: str) -> None:
    assert _refusal(contract, f"{{% if {condition} %}}{failing}{{% endif %}}")
    nested = f"{{% unless {condition} %}}a{{% else %}}{{% case campaign %}}{{% when 'x' %}}"
    assert _refusal(contract, f"{nested}{failing}{{% endcase %}}{{% endunless %}}")
    # A condition that depends on what was computed, so that no sample is near it.
    odd = "{% assign n = profile.city | append: campaign | size | times: 7 %}{% if n == 12345 %}"
    assert _refusal(contract, f"{odd}{failing}{{% endif %}}")


def test_a_name_of_another_kind_in_one_branch_is_found_in_either_order(contract: Contract) -> None:
    odd = "{% assign n = profile.city | append: campaign | size | times: 7 %}{% if n == 12345 %}"
    kinds = ("{% assign x = 'text' %}", "{% assign x = 1 %}")
    for first, second in (kinds, kinds[::-1]):
        branches = f"{odd}{first}{{% else %}}{second}{{% endif %}}"
        assert "a text" in _refusal(contract, f"{branches}{{{{ x | plus: 1 }}}}")


def _doubling(step: str, start: str) -> str:
    return start + step * 60


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{% for i in (1..1000000000) %}x{% endfor %}", LOOPS),
        ("{% for i in (1..1000000000) %}{% break %}{% endfor %}", LOOPS),
        ("{% for i in (1..9999999999999999999999999) %}x{% endfor %}", "range literal"),
        ("{% tablerow i in (1..1000000000) %}x{% endtablerow %}", LOOPS),
        ("{% for i in (1..1000) %}{% for j in (1..1000) %}{% endfor %}{% endfor %}", LOOPS),
        ("{% for i in (1..4900) %}{% endfor %}" * 40, LOOPS),
        ("{% for i in (1..profile.stripe_total_orders) %}*{% endfor %}", LOOPS),
        ("{% if profile.city == 'Z' %}{% for i in (1..1000000000) %}{% endfor %}{% endif %}",
         LOOPS),
        ("{{ (1..1000000000) | join }}", "a list grows too long."),
        ("{{ (1..1000000000) | size }}", "a list grows too long."),
        (_doubling("{% assign x = x | append: x %}", "{% assign x = 'ab' %}"), "too long."),
        (_doubling("{% capture x %}{{ x }}{{ x }}{% endcapture %}", "{% assign x = 'ab' %}"),
         "the text grows longer than 1,000,000 bytes."),
        (_doubling("{% assign x = x | concat: x %}", "{% assign x = 'a,b' | split: ',' %}"),
         "a list grows too long."),
        (_doubling("{% assign x = x | replace: 'a', x %}", f"{{% assign x = '{'a' * 99}' %}}"),
         "a text grows too long."),
        (_doubling("{% assign x = x | times: x %}", "{% assign x = 3 %}"),
         "a number is too large."),
        (f"{{{{ 'x' {'| base64_encode ' * 100}}}}}", "a text grows too long."),
        (_doubling("{% assign y = x | append: y | slice: 0, 9 %}",
                   "{% assign x = 'abcdefghi' %}") * 4 + "{{ z }}", "there is no"),
        ("{% for i in (1..4999) %}{{ 'x' | append: profile.email | upcase | url_encode }}"
         "{{ profile.full_name | replace: 'o', 'oooooooooooooooooooooooooo' }}{% endfor %}",
         "1,000,000 bytes"),
        ("{% assign big = 'x' | append: profile.city %}{% for i in (1..20) %}"
         "{% assign big = big | append: big %}{% endfor %}", "grows"),
        ("{{" * 90_000, "the template has more than 2,000 placeholders."),
        ("{{ x" * 500, "expected '}}', found end of file."),
        ("{% raw %}" * 20_000, "the template has more than 2,000 placeholders."),
        ("x" * 50_000_000, "the template is longer than 200,000 characters."),
        ("{% if true %}" * 100, "block nesting limit reached."),
        (f"{{% if a{' and a' * 20_000} %}}x{{% endif %}}", ""),
        (f"{{{{ {'a[' * 20_000}b{']' * 20_000} }}}}", ""),
    ],
)  # fmt: skip
def test_what_takes_too_much_is_refused_at_once(contract: Contract, source: str, said: str) -> None:
    with counted_calls() as calls:
        assert said in _refusal(contract, source)
    assert calls.count < AT_ONCE


def test_the_heaviest_template_that_is_taken_is_tried_on_few_samples(
    contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    iterations: list[int] = []
    render = trial.render

    def counting(*arguments: Any) -> tuple[str, Any]:
        text, context = render(*arguments)
        iterations.append(context.spent.iterations)
        return text, context

    monkeypatch.setattr(trial, "render", counting)
    loop = "{% for i in (1..2400) %}{{ i | times: profile.stripe_mrr | plus: 1 }} {% endfor %}"
    Template(loop * 2).check(contract)
    assert max(iterations) == 4_800
    assert sum(iterations) <= 3 * MAX_ITERATIONS


def test_samples_hold_nulls_both_kinds_and_the_templates_constants(contract: Contract) -> None:
    types = dict(contract.profile_types)
    rows = [row for row, _ in sample_rows(types, Hints(texts=["Zed", "2031-05-06"]))]
    assert all(value is None for value in rows[0].values())
    assert all(value is not None for value in rows[1].values())
    assert any(None in row.values() and set(row.values()) != {None} for row in map(_hashable, rows))
    assert "Zed" in {row["first_name"] for row in rows}
    assert rows == [row for row, _ in sample_rows(types, Hints(texts=["Zed", "2031-05-06"]))]


def _hashable(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, (list, dict)) else value
            for name, value in row.items()}  # fmt: skip


@pytest.mark.parametrize(
    ("source", "fields"),
    [
        ("{% assign x = profile.city %}{{ x }}", {"city"}),
        ("{{ 'a' | append: profile.city | default: profile.country }}", {"city", "country"}),
        ("{% for n in profile.stripe_plan_names limit: profile.stripe_total_orders %}{{ n }}"
         "{% else %}{{ profile.email }}{% endfor %}",
         {"stripe_plan_names", "stripe_total_orders", "email"}),
        ("{% case profile.city %}{% when profile.region %}{{ profile.email }}{% endcase %}",
         {"city", "region", "email"}),
        ("{% if profile.city == 'x' or profile.region %}{% elsif profile.email > 'a' %}{% endif %}",
         {"city", "region", "email"}),
        ("{% for i in (profile.stripe_total_orders..5) %}{% endfor %}", {"stripe_total_orders"}),
        ("{% capture x %}{{ profile['city'] }}{% endcapture %}", {"city"}),
        ("{% cycle profile.city, profile.email %}{% echo profile.region %}",
         {"city", "email", "region"}),
        ("{% liquid\n assign x = profile.city\n if x contains profile.email\n echo x\n endif %}",
         {"city", "email"}),
        ("{% tablerow i in profile.stripe_plan_names cols: profile.stripe_total_orders %}"
         "{% endtablerow %}", {"stripe_plan_names", "stripe_total_orders"}),
        ("{{ profile.stripe_sales_by_currency[profile.stripe_order_last_currency] }}",
         {"stripe_sales_by_currency", "stripe_order_last_currency"}),
        ("{% comment %}{{ profile.city }}{% endcomment %}{% raw %}{{ profile.city }}{% endraw %}",
         set()),
        ("{% unless profile.city %}{% ifchanged %}{{ profile.email }}{% endifchanged %}"
         "{% endunless %}", {"city", "email"}),
    ],
)  # fmt: skip
def test_the_fields_are_all_that_a_template_names(source: str, fields: set[str]) -> None:
    """What lacks a rate is held by them, and only these columns are read."""
    assert Template(source).fields == fields


def test_the_clock_is_never_read(contract: Contract) -> None:
    hidden = "{% if profile.city == 'x' %}{% assign now = 1 %}{% endif %}[{{ now }}]"
    template = Template(hidden)
    template.check(contract)
    assert template.render({"city": None}, {}) == "[]"


def test_what_is_tried_is_counted(contract: Contract) -> None:
    _, context = trial.render(
        Template("{% for i in (1..7) %}{{ 'abc' | upcase }}{% endfor %}")._bound, {}, {},
        UNDECLARED,
    )  # fmt: skip
    assert (context.spent.iterations, context.spent.work) == (7, 7 * 6)
