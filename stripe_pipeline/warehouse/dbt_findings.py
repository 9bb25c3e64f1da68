"""Say in one sentence what a dbt test found, in how many rows, and what to do about it."""

from collections.abc import Mapping
from typing import Any

from stripe_pipeline.values.words import counted

# What a failing test means, by the kind of the test; `meta: {finding: ...}` of a test wins.
_KINDS = {
    "not_null": "{column} of {table} is null in {rows}",
    "is_key": "{column} of {table} is no key: {values} null, or there twice",
    "unique_combination": "{table} has {keys} twice",
    "relationships": "{column} of {table} has {values} that refer to nothing",
    "accepted_values": "{column} of {table} has {values} that may not be there",
    "is_empty": "{table} has {rows} and should have none",
}
_ANY = "The check {name} fails for {rows} of {table}"
_WARNS = "Nothing is held up by it; `make ui` shows the check under its table"
_HOLDS = "Nothing is published until it passes; `make ui` shows the check under its table"


def finding(node: Mapping[str, Any], failures: int) -> str:
    """Word what a test found.

    `node` is the test in dbt's manifest. Its own words are `config.meta.finding`, in which
    `{failures}` stands for the number of rows; a test without any is worded by its kind.
    """
    own = node["config"].get("meta", {}).get("finding")
    if own:
        return " ".join(str(own).format(failures=f"{failures:,}").split())
    kind = (node.get("test_metadata") or {}).get("name") or ""
    described = _KINDS.get(str(kind), _ANY).format(
        rows=counted(failures, "row"),
        values=counted(failures, "value"),
        keys=counted(failures, "key"),
        column=node.get("column_name"),
        table=_table(node),
        name=node["name"],
    )
    remedy = _WARNS if is_warning(node) else _HOLDS
    return f"{described}. {remedy}."


def is_warning(node: Mapping[str, Any]) -> bool:
    """Return whether a failure of the test only warns."""
    return str(node["config"].get("severity", "error")).lower() == "warn"


def _table(node: Mapping[str, Any]) -> str:
    """Return the tested model: the one the test is attached to, or those that its SQL reads."""
    attached = node.get("attached_node")
    tested = [attached] if attached else node["depends_on"]["nodes"]
    return " and ".join(name.rsplit(".", 1)[-1] for name in tested)
