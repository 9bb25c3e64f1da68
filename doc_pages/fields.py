"""docs/reference/fields.md: every field of the marts, as dbt describes it (`make fields`)."""

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from doc_pages import tables
from stripe_pipeline.process.environment import PROJECT_ROOT
from stripe_pipeline.profiles.descriptions import read_description
from stripe_pipeline.settings import load_settings
from stripe_pipeline.warehouse.manifest import prepare_manifest

Manifest = Mapping[str, Any]

PAGE = PROJECT_ROOT / "docs" / "reference" / "fields.md"
TABLES = PAGE.with_name("tables.md")

# The marts that people read, those most asked for first.
MARTS = (
    "customer_profiles", "people", "orders", "order_adjustments", "order_coupons", "order_lines",
    "order_line_sums", "sales_facts", "sales_by_day", "subscriptions", "subscription_items",
    "mrr_movements",
    "segment_members", "segment_history", "loyalty_ledger", "loyalty_balances",
    "person_links",
)  # fmt: skip
# The mart whose fields campaigns name.
PROFILES = "customer_profiles"

# Types in words; dbt's docs have the SQL types.
_KINDS = {
    "varchar": "text",
    "varchar[]": "list of texts",
    "bigint": "whole number",
    "decimal(38, 12)": "number",
    "integer": "whole number",
    "decimal(18, 3)": "amount",
    "decimal(18, 6)": "amount",
    "decimal(38, 18)": "rate",
    "map(varchar, decimal(18, 3))": "amounts by currency",
    "date": "day",
    "timestamp": "instant",
    "boolean": "yes or no",
}

_INTRODUCTION = """\
# Fields

Every field that campaigns and queries may use, made from the descriptions in `dbt_project` with
`make fields`. `make docs` shows the same with each field's SQL, tests and lineage, and
`stripe-pipeline profile cus_...` shows one customer's values and the orders that made them.

A campaign names a field in Liquid, as in `{{ profile.stripe_total_sales }}`. In messages

- an amount is printed with the decimals of its currency, and without the currency's name;
- an instant is printed as its date in the reporting time zone, as in `2026-10-14`;
- an empty field is printed as nothing, unless `{{ profile.first_name | default: 'friend' }}` says
  something else;
- a list is printed with `{{ profile.stripe_plan_names | join: ', ' }}`.

Amounts stand twice: as a decimal for people, and as a whole number in the minor unit (cents) under
the name with `_minor` for programs. Totals over several currencies are in the reporting currency
(`STRIPE_PIPELINE_REPORTING_CURRENCY`).

## Your own fields

`STRIPE_PIPELINE_CUSTOMER_METADATA=tier,Shoe size` adds what the customers' metadata in Stripe has
under these keys to the profiles, as the fields `stripe_metadata_tier` and
`stripe_metadata_shoe_size`: the key in lower case, with `_` for anything but letters and digits.
They are text, empty where a customer doesn't have the key, and a campaign names them like any other
field: `{{ profile.stripe_metadata_tier }}`. They come with the next run, and go with the setting.
"""


def page(manifest: Manifest) -> str:
    """Return the whole page as Markdown."""
    models = {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
    }
    parts = [_INTRODUCTION, *(_mart(models[name]) for name in MARTS)]
    return "\n".join(parts)


def _mart(model: Mapping[str, Any]) -> str:
    about = " ".join(model["description"].split())
    rows = "\n".join(_rows(model))
    return f"## {model['schema']}.{model['name']}\n\n{about}\n\n{rows}\n"


def _rows(model: Mapping[str, Any]) -> Iterator[str]:
    yield "| field | type | meaning | when empty | example |"
    yield "|---|---|---|---|---|"
    for column in model["columns"].values():
        described = read_description(column["description"])
        example = f"`{described.example}`" if described.example else ""
        cells = (
            _named(model, column["name"]),
            _KINDS.get(column["data_type"], column["data_type"]),
            described.meaning,
            described.empty,
            example,
        )
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _named(model: Mapping[str, Any], column: str) -> str:
    """Return a profile's field as campaigns write it, any other column by its name."""
    return f"`{{{{ profile.{column} }}}}`" if model["name"] == PROFILES else f"`{column}`"


def default_manifest(home: Path) -> Manifest:
    """Return dbt's manifest under default settings, regardless of the environment.

    Raises:
        PipelineError: the dbt project can't be parsed.
    """
    settings = load_settings({}, _env_file=None, STRIPE_PIPELINE_HOME=home)
    return msgspec.json.decode(prepare_manifest(settings).read_bytes(), type=dict[str, Any])


def main() -> None:
    """Write the page, and that of the tables, which are described in the same place."""
    with tempfile.TemporaryDirectory() as home:
        manifest = default_manifest(Path(home))
    PAGE.write_text(page(manifest), encoding="utf-8")
    TABLES.write_text(tables.page(manifest), encoding="utf-8")


if __name__ == "__main__":
    main()
