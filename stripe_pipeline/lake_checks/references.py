"""Whether what objects refer to is there as well: the customer of an invoice, a refund's charge."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import duckdb

from stripe_pipeline.lake_checks.verdict import Verdict
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.damaged import DamagedWarehouseError
from stripe_pipeline.warehouse.transform import wait_for_warehouse

# Stripe itself has orphans: objects of a deleted test clock, or made before an account was copied.
ALLOWED_SHARE = 0.001


@dataclass(frozen=True)
class Reference:
    """A column of a staging table that holds ids of another resource."""

    resource: str
    column: str
    target: str

    @property
    def name(self) -> str:
        """How Stripe writes it: `refunds.charge`."""
        return f"{self.resource}.{self.column.removesuffix('_id')}"


REFERENCES = (
    Reference("prices", "product_id", "products"),
    Reference("promotion_codes", "coupon_id", "coupons"),
    Reference("subscriptions", "customer_id", "customers"),
    Reference("invoices", "customer_id", "customers"),
    Reference("invoice_payments", "invoice_id", "invoices"),
    Reference("invoice_payments", "charge_id", "charges"),
    Reference("charges", "customer_id", "customers"),
    Reference("refunds", "charge_id", "charges"),
    Reference("credit_notes", "invoice_id", "invoices"),
    Reference("disputes", "charge_id", "charges"),
    Reference("checkout_sessions", "customer_id", "customers"),
)
REFERRING = tuple(dict.fromkeys(reference.resource for reference in REFERENCES))
_GAPS = """
    select count(*) as referring, count(*) filter (target.{key} is null) as lacking
    from staging.stg_stripe__{resource} as source
    left join staging.stg_stripe__{target} as target on source.{column} = target.{key}
    where source.{column} is not null and not source.is_deleted
"""


Counts = Mapping[Reference, tuple[int, int]]


def count_references(settings: Settings, wanted: Collection[str]) -> Counts:
    """Count, for some resources, what refers to something, and to what isn't there.

    Nothing is counted before the warehouse is built, or where it is damaged.
    """
    if not wanted or not settings.warehouse.exists():
        return {}
    try:
        wait_for_warehouse(settings)
    except DamagedWarehouseError:
        return {}  # the tables are computed again in a later step
    with duckdb.connect(str(settings.warehouse), read_only=True) as warehouse:
        try:
            return {each: _count(warehouse, each) for each in REFERENCES if each.resource in wanted}
        except duckdb.CatalogException:
            return {}


def references_verdict(counts: Counts, resource: str, readable: Mapping[str, bool]) -> Verdict:
    """Judge what the objects of a resource refer to.

    What the key can't read isn't lacking; a deleted object is there, as a stub.
    """
    ours = {
        each: count
        for each, count in counts.items()
        if each.resource == resource and readable.get(each.target, True)
    }
    return _verdict(ours)


def _count(warehouse: duckdb.DuckDBPyConnection, reference: Reference) -> tuple[int, int]:
    query = _GAPS.format(
        resource=reference.resource,
        target=reference.target,
        column=reference.column,
        key=f"{reference.target.removesuffix('s')}_id",
    )
    row = warehouse.execute(query).fetchone()
    return (row[0], row[1]) if row else (0, 0)


def _verdict(found: Counts) -> Verdict:
    numbers: dict[str, int] = {}
    gaps = []
    for reference, (referring, lacking) in found.items():
        numbers |= {f"{reference.name}: referring": referring, f"{reference.name}: gaps": lacking}
        if lacking > referring * ALLOWED_SHARE:
            share = lacking / referring
            gaps.append(f"{lacking:,} of {referring:,} in {reference.name} ({share:.1%})")
    if not gaps:
        return Verdict(True, "What these objects refer to is there.", numbers)
    return Verdict(
        False,
        f"Ids that nothing stands for: {'; '.join(gaps)}. `stripe-pipeline reconcile` reads what "
        "the lake lacks; what remains Stripe itself doesn't have.",
        numbers,
    )
