"""Templates of DailyStory: each becomes the Liquid that is written down, and prints the same."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from stripe_pipeline.activation.contract import Contract, load_contract
from stripe_pipeline.activation.dailystory.translate import translate
from stripe_pipeline.activation.templates import Template
from stripe_pipeline.values.money import Amount
from tests.activation.dailystory.interpreter import interpret

CORPUS: list[dict[str, str]] = yaml.safe_load(
    (Path(__file__).parent / "corpus.yml").read_text(encoding="utf-8")
)
TODAY = date(2026, 6, 15)
ACCOUNT = {
    "name": "Acme",
    "url_website": "https://acme.example",
    "url_unsubscribe": "https://acme.example/out",
}
METADATA = [f"stripe_metadata_{key}" for key in ("plan", "score", "donated", "since")]
ANNA: dict[str, Any] = {
    "first_name": "Anna", "last_name": "Berg", "full_name": "Anna Berg", "city": "Wien",
    "country": "AT", "region": "Wien", "stripe_total_orders": 3,
    "stripe_total_sales": Amount(Decimal("1284.50"), "usd", 2),
    "stripe_last_create_order_date": date(2026, 5, 20), "stripe_delinquent": False,
    "stripe_metadata_plan": "Gold", "stripe_metadata_score": "12",
    "stripe_metadata_donated": "yes", "stripe_metadata_since": "2024-02-29",
}  # fmt: skip
USER = {
    "firstname": "first_name", "lastname": "last_name", "fullname": "full_name", "city": "city",
    "country": "country", "region": "region",
}  # fmt: skip
NOBODY: dict[str, Any] = dict.fromkeys(ANNA)


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load_contract().with_fields(METADATA)


def _as_story(profile: Mapping[str, Any]) -> dict[str, Any]:
    """The values by the paths that DailyStory has for them."""
    values = {f"profile.{name.removeprefix('stripe_metadata_')}": profile[name] for name in profile}
    values |= {f"user.{name}": profile[column] for name, column in USER.items()}
    values |= {f"account.{name}": value for name, value in ACCOUNT.items()}
    return {**values, "system.today": TODAY}


def _printed(liquid: str, profile: Mapping[str, Any]) -> str:
    extras = {"today": TODAY, "reporting_currency": "usd", "account": ACCOUNT}
    return Template(liquid).render(profile, extras)


@pytest.mark.parametrize("case", CORPUS, ids=[case["story"][:60] for case in CORPUS])
def test_a_template_becomes_liquid_that_prints_the_same(
    case: dict[str, str], contract: Contract
) -> None:
    found = translate(case["story"], contract)
    assert found.refused == []
    assert found.text == case["liquid"]
    assert [said for _, said in found.remarks if case.get("remark", "?") in said] or (
        not found.remarks and "remark" not in case
    )
    Template(found.text).check(contract)
    for name, profile in (("anna", ANNA), ("nobody", NOBODY)):
        assert _printed(found.text, profile).strip() == case[name].strip()
        assert interpret(case["story"], _as_story(profile)).strip() == case[name].strip()


def test_the_corpus_has_every_construct() -> None:
    assert len(CORPUS) >= 45
    everything = " ".join(case["story"] for case in CORPUS)
    for construct in (
        "{{#if ", "{{else}}", "{{#ifEqual", "{{#ifCond", "{{#switch", "{{#case", "default=",
        "'='", "'<'", "'>'", "'<>'", "'!='", "'<='", "'>='", "*|UNSUBSCRIBE|*", "*|FNAME|*",
        "account.", "system.today", "profile.", "user.",
    ):  # fmt: skip
        assert construct in everything, construct


@pytest.mark.parametrize(
    ("story", "line", "said"),
    [
        ("a\nb {{formatdate user.birthday 'MM/dd'}}", 2, "formatdate isn't taken over"),
        ("a\n\n{Hi|Hello} there", 3, "{Hi|Hello} is Spintax"),
        ("*|COMPANY|*", 1, "the merge tag *|COMPANY|* isn't taken over"),
        ("*|FNAM|*", 1, "did you mean FNAME"),
        ("{{#each profile.x}}{{/each}}", 1, "#each isn't taken over"),
        ("{{#ifEqal user.city 'x'}}{{/ifEqal}}", 1, "did you mean ifEqual"),
        ("\n{{> footer}}", 2, "{{> footer}} isn't taken over"),
        ("{{{user.firstname}}}", 1, "without escaping"),
        ("{{#if user.city}}x", 1, "#if has no end"),
        ("x{{/if}}", 1, "/if closes nothing"),
        ("{{#if user.city}}{{#ifEqual user.city 'x'}}{{/if}}", 1, "the #ifEqual of line 1 is open"),
        ("{{else}}", 1, "else stands outside"),
        ("{{#if user.city}}{{else}}{{else}}{{/if}}", 1, "has an else already"),
        ("{{#ifEqual 'Canada'}}x{{/ifEqual}}", 1, "#ifEqual takes a field and a value"),
        ("{{#ifEqual 'a' user.city}}x{{/ifEqual}}", 1, "'a' stands where a field has to"),
        ("{{#ifCond user.city '~' 'x'}}x{{/ifCond}}", 1, "#ifCond has no operator ~"),
        ("{{#ifCond user.city '>'}}x{{/ifCond}}", 1, "#ifCond takes a field, an operator"),
        ("{{#ifCond user.city '<=' 'x'}}x{{/ifCond}}", 1, "compares numbers and dates"),
        ("{{#ifEqual profile.stripe_total_orders 'many'}}x{{/ifEqual}}", 1, "with a number"),
        ("{{#ifEqual system.today '6/1/2026'}}x{{/ifEqual}}", 1, "with a date"),
        ("{{#ifEqual user.country 'Narnia'}}x{{/ifEqual}}", 1, "Narnia is no country"),
        ("{{#ifEqual profile.stripe_plan_names 'Gold'}}x{{/ifEqual}}", 1, "is a list"),
        ("{{#switch user.city}}{{/switch}}", 1, "a #switch without a #case"),
        ("{{#switch user.city}}x{{#case 'a'}}{{/case}}{{/switch}}", 1, "everything stands in"),
        ("{{#case 'a'}}{{/case}}", 1, "#case stands outside"),
        ("{{#switch user.city}}{{#case a}}{{/case}}{{/switch}}", 1, "one text in quotes"),
        ("{{user.gender}}", 1, "Stripe has no user.gender"),
        ("{{user.frstname}}", 1, "did you mean user.firstname"),
        ("{{profile.no_such_thing_anywhere}}", 1, "STRIPE_PIPELINE_CUSTOMER_METADATA"),
        ("{{account.url_facbook}}", 1, "did you mean account.url_facebook"),
        ("{{firstname}}", 1, "firstname is no field"),
        ("{{user.firstname default='x'}}", 1, "{{@ user.firstname default"),
        ("{{user.firstname", 1, "has no other half"),
        ("x }} y", 1, "has no other half"),
        ("{{@ user.city default=\"a}}%}\"}}", 1, "isn't taken over"),
    ],
)  # fmt: skip
def test_what_isnt_taken_over_is_named_with_its_line(
    story: str, line: int, said: str, contract: Contract
) -> None:
    refused = translate(story, contract).refused
    assert any(each == line and said in sentence for each, sentence in refused), refused


def test_all_refusals_are_told_at_once_and_each_once(contract: Contract) -> None:
    story = "{{#each a}}\n{{user.age}}\n{{/each}}\n{A|B}\n{{formatdate x}}\n{{#if user.city}}\n"
    found = translate(story, contract)
    assert [line for line, _ in sorted(found.refused)] == [1, 2, 4, 5, 6]
