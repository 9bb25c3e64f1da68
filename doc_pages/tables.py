"""docs/reference/tables.md: every table that may be queried, from dbt's descriptions."""

from collections.abc import Iterator, Mapping
from typing import Any

# The schemas that queries may rely on, with what they hold.
SCHEMAS = {
    "marts": "What is published: orders, profiles, people, segments, points. `published/` has each "
    "as Parquet.",
    "activation": "Consent, and what became of each message.",
    "raw": "The current state of each object of Stripe's, with its whole JSON in `body`.",
}

_INTRODUCTION = """\
# Tables

The tables and views of `warehouse.duckdb`, from the descriptions in `dbt_project` with
`make fields`. [Fields](fields.md) has the columns of the marts; `make docs` has every column, with
its SQL, tests and lineage.

DuckDB lets one process write, and no other process read meanwhile. Query `published/*.parquet`
while runs go on, or the warehouse between them:

    select * from 'var/published/customer_profiles.parquet';

`staging` and `intermediate` are steps on the way; their names and columns may change without a line
in the changelog.
"""


def page(manifest: Mapping[str, Any]) -> str:
    """Return the page as Markdown: one table a schema, one line a model."""
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    sections = (
        f"## {schema}\n\n{holds}\n\n| table | what it has |\n|---|---|\n"
        + "".join(sorted(_rows(models, schema)))
        for schema, holds in SCHEMAS.items()
    )
    return "\n".join([_INTRODUCTION, *sections])


def _rows(models: list[Mapping[str, Any]], schema: str) -> Iterator[str]:
    for model in models:
        if model["schema"] == schema:
            yield f"| `{schema}.{model['alias']}` | {_first_sentence(model['description'])} |\n"


def _first_sentence(description: str) -> str:
    sentence, dot, _ = " ".join(description.split()).partition(". ")
    return (sentence + dot.strip()).replace("|", "\\|")
