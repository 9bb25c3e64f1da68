"""What conditions can name: columns of marts with their kinds, read from dbt's descriptions."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

import yaml

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.files.yaml_file import read_yaml
from stripe_pipeline.process.environment import PROJECT_ROOT

MARTS = PROJECT_ROOT / "dbt_project" / "models" / "marts"

Kind = Literal["whole number", "amount", "text", "list of texts", "instant", "date", "yes or no"]

_KINDS: Mapping[str, Kind] = {
    "bigint": "whole number",
    "integer": "whole number",
    "varchar": "text",
    "varchar[]": "list of texts",
    "timestamp": "instant",
    "date": "date",
    "boolean": "yes or no",
}
CUSTOMER = "stripe_customer_id"


@dataclass(frozen=True)
class Column:
    """A column that a condition can name."""

    name: str
    kind: Kind


@dataclass(frozen=True)
class Fact:
    """Rows of a mart that belong to a customer; `only` is a condition that each of them meets.

    `counted_in` is a number in the profile that is empty where the key may not read them.
    """

    name: str
    plural: str
    mart: str
    only: str | None = None
    counted_in: str | None = None


FACTS = {
    fact.name: fact
    for fact in (
        Fact("order", "orders", "orders", "facts.is_counted"),
        Fact("paid order", "paid orders", "orders", "facts.order_status = 'paid'"),
        Fact("purchase", "purchases", "order_lines", "facts.order_status = 'paid'"),
        Fact(
            "payment attempt",
            "payment attempts",
            "payments",
            counted_in="stripe_failed_payments",
        ),
        Fact("coupon", "coupons", "order_coupons", "facts.is_counted"),
        Fact("subscription", "subscriptions", "subscriptions"),
        Fact("adjustment", "adjustments", "order_adjustments"),
    )
}


@dataclass(frozen=True)
class Catalogue:
    """The marts' columns; `metadata` are further text columns of profiles, as settings name."""

    metadata: frozenset[str] = frozenset()
    folder: Path = MARTS

    def columns(self, mart: str) -> Mapping[str, Column]:
        """Return the columns of a mart by name.

        Raises:
            PipelineError: dbt's descriptions can't be read, or don't have the mart.
        """
        try:
            columns = dict(self._marts[mart])
        except KeyError:
            raise PipelineError(
                f"The columns of {mart} aren't described below {self.folder}; restore its file, as "
                "segments are checked against it."
            ) from None
        if mart == "customer_profiles":
            columns |= {name: Column(name, "text") for name in self.metadata}
        return columns

    @cached_property
    def _marts(self) -> Mapping[str, Mapping[str, Column]]:
        found: dict[str, Mapping[str, Column]] = {}
        for path in sorted(self.folder.glob("*/_*__models.yml")):
            try:
                found |= _described(path, path.stat().st_mtime_ns)
            except (OSError, yaml.YAMLError, KeyError, TypeError):
                raise PipelineError(
                    f"The columns of marts can't be read from {path}; restore that file, as "
                    "segments are checked against it."
                ) from None
        return found


@cache
def _described(path: Path, changed: int) -> Mapping[str, Mapping[str, Column]]:
    """Return the columns of a file's models; `changed` is when the file was, for the cache."""
    models = read_yaml(path)["models"]
    return {
        model["name"]: {
            column["name"]: Column(column["name"], kind)
            for column in model.get("columns", [])
            if (kind := _kind(str(column.get("data_type"))))
        }
        for model in models
    }


def _kind(data_type: str) -> Kind | None:
    return "amount" if data_type.startswith("decimal") else _KINDS.get(data_type)
