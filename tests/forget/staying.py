"""What is published of her and of the others, before and after she is erased."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from stripe_pipeline.demo.store.store import Store
from stripe_pipeline.settings import Settings, load_settings

# What stays of her under her id, and the columns of it that hold what is hers, and are emptied.
STAYING: dict[str, set[str]] = {
    "orders": {"number", "hosted_invoice_url"},  # a shop may choose the number by her name
    "order_adjustments": set(),
    "order_lines": {"description"},
    "order_line_sums": set(),
    "payments": {"payment_method", "card_brand", "card_country", "card_expires_on"},
    "loyalty_ledger": set(),
    "loyalty_balances": set(),
}
OTHERS = (
    "customer_profiles", "segment_members", "subscriptions", "subscription_items", "mrr_movements",
)  # fmt: skip
GUEST = "ch_herGuest"  # the charge of her payment without an account
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Shop:
    """A home in which she is everywhere, and the store that it mirrors."""

    home: Path
    store: Store
    values: dict[str, str]
    her: str

    def settings(self, **more: str) -> Settings:
        """The settings of the home."""
        return load_settings({**self.values, **more})

    @contextmanager
    def copied(self, folder: Path) -> Iterator["Shop"]:
        """Yield the same with a home of its own."""
        home = folder / "home"
        shutil.copytree(self.home, home, symlinks=True)
        values = self.values | {"STRIPE_PIPELINE_HOME": str(home)}
        yield Shop(home, self.store, values, self.her)
        shutil.rmtree(home)


def published(home: Path, mart: str, where: str) -> Rows:
    """Rows of a published mart, in order."""
    with duckdb.connect() as connection:
        path = home / "published" / f"{mart}.parquet"
        found = connection.execute(f"from read_parquet(?) where {where} order by all", [str(path)])
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def hers_only(shop: Shop) -> str:
    return f"stripe_customer_id = '{shop.her}'"


def hers_in(shop: Shop, mart: str) -> str:
    """The condition on a mart's rows that are hers, as a customer or as a guest."""
    return hers_only(shop) + (f" or charge_id = '{GUEST}'" if mart == "payments" else "")


def what_stays(shop: Shop) -> dict[str, Rows]:
    """Her orders, adjustments, payments and points, without what is hers in them."""
    found = {mart: published(shop.home, mart, hers_in(shop, mart)) for mart in STAYING}
    assert all(found.values())
    return {
        mart: [{name: row[name] for name in row.keys() - STAYING[mart]} for row in rows]
        for mart, rows in found.items()
    }


def what_goes(shop: Shop) -> dict[str, set[Any]]:
    """What is hers in the rows that stay, by mart and column."""
    return {
        f"{mart}.{name}": {row[name] for row in published(shop.home, mart, hers_in(shop, mart))}
        for mart, names in STAYING.items()
        for name in names
    }


def what_others_have(shop: Shop) -> dict[str, Rows]:
    """Every row of the marts that is another person's."""
    marts = [*STAYING, *OTHERS]
    return {
        mart: published(shop.home, mart, f"({hers_in(shop, mart)}) is not true") for mart in marts
    }
