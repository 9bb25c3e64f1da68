"""docs/reference/templates.md: every example prints what it says, every filter is on it."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from stripe_pipeline.activation.contract import load_contract
from stripe_pipeline.activation.templates import EXTRAS, Template, TemplateError
from stripe_pipeline.activation.templating.environment import FILTERS, environment
from stripe_pipeline.activation.templating.samples import FORMATTING, arrow_type
from stripe_pipeline.activation.values import liquid_rows
from stripe_pipeline.process.environment import PROJECT_ROOT

PAGE = (PROJECT_ROOT / "docs" / "reference" / "templates.md").read_text(encoding="utf-8")
CUSTOMER = {
    "first_name": "Anna",
    "stripe_total_orders": 2,
    "stripe_total_sales": Decimal("1284.50"),
    "stripe_total_sales_minor": 128450,
    "stripe_order_last_value": Decimal(1200),
    "stripe_order_last_currency": "jpy",
    "stripe_sales_by_currency": {"jpy": Decimal(1200), "usd": Decimal("1276.00")},
    "stripe_plan_names": ["Silver", "Gold"],
    "stripe_trial_ends_at": datetime(2026, 6, 20, 12, tzinfo=UTC),
}


def _examples() -> Iterator[tuple[str, str, bool, str | None]]:
    """Each row of a table of templates: the template, what it prints, in HTML or not, for whom."""
    html, locale = None, None
    for line in PAGE.splitlines():
        if line.startswith("| template"):
            html = "html" in line
            found = re.search(r"locale ([\w-]+)", line)
            locale = found[1] if found else None
        elif not line.startswith("|"):
            html = None
        elif html is not None and (row := re.fullmatch(r"\| `(.*)` \| (.*) \|", line)):
            yield row[1].replace("\\|", "|"), row[2].strip("`"), html, locale


@pytest.mark.parametrize(("source", "printed", "html", "locale"), list(_examples()))
def test_an_example_prints_what_the_page_says(
    source: str, printed: str, html: bool, locale: str | None
) -> None:
    template, contract = Template(source, html=html), load_contract()
    if printed == "refused":
        with pytest.raises(TemplateError):
            template.check(contract)
        return
    template.check(contract)
    types, customer = contract.profile_types, {**CUSTOMER, "locale": locale}
    schema = pa.schema([(name, arrow_type(kind)) for name, kind in types.items()])
    [profile] = liquid_rows(pa.RecordBatch.from_pylist([customer], schema=schema), FORMATTING)
    extras = {"today": date(2026, 6, 15), "reporting_currency": "usd"}
    # A fixed space looks like any other one on the page.
    assert template.render(profile, extras).strip().replace("\u00a0", " ") == printed


def test_there_are_examples_in_every_section() -> None:
    assert len(list(_examples())) > 40
    assert sum(printed == "refused" for _, printed, *_ in _examples()) > 6


def test_every_filter_tag_and_name_is_on_the_page() -> None:
    named = set(re.findall(r"`([a-z0-9_]+)`", PAGE))
    tags = {name for name in environment(html=False).tags if re.fullmatch("[a-z]+", name)}
    hidden = {"content", "output", "illegal", "expression"}
    assert FILTERS.keys() | EXTRAS.keys() <= named
    assert tags - hidden - named == set()
