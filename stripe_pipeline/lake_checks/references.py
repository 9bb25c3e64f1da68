"""Check referential integrity: the customer of an invoice, the charge of a refund."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import duckdb

from stripe_pipeline.lake_checks.verdict import Verdict
from stripe_pipeline.settings import Settings
from stripe_pipeline.values.words import agreeing, counted
from stripe_pipeline.warehouse.damaged import DamagedWarehouseError
from stripe_pipeline.warehouse.transform import wait_for_warehouse

K = TypeVar("K")
V = TypeVar("V")

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
        """The reference as Stripe writes it: `refunds.charge`."""
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


# Resources that take money back from a payment. One is adrift if it names neither a charge nor the
# payment intent of a charge; a named charge that is missing is a gap, see above.
GOING_BACK = ("refunds", "disputes")
_ADRIFT = """
    select source.{key}
    from staging.stg_stripe__{resource} as source
    where
        source.charge_id is null
        and source.is_counted
        and source.amount_minor > 0
        and not source.is_deleted
        and not exists (
            select 1
            from staging.stg_stripe__charges as charges
            where charges.payment_intent_id = source.payment_intent_id
        )
    order by 1
"""
_NAMED = 5

Counts = Mapping[Reference, tuple[int, int]]
Adrift = Mapping[str, list[str]]  # the ids, by resource


def count_references(settings: Settings, wanted: Collection[str]) -> Counts:
    """Count, for some resources, the references, and those whose target is missing.

    Nothing is counted before the warehouse is built, or where it is damaged.
    """
    wanted_ones = [each for each in REFERENCES if each.resource in wanted]
    return _looked_up(settings, wanted_ones, _count)


def find_adrift(settings: Settings, wanted: Collection[str]) -> Adrift:
    """Find, among some resources, refunds and disputes without a known payment.

    Nothing is found before the warehouse is built, or where it is damaged.
    """
    return _looked_up(settings, [each for each in GOING_BACK if each in wanted], _adrift)


def _looked_up(
    settings: Settings,
    wanted: Sequence[K],
    look: Callable[[duckdb.DuckDBPyConnection, K], V],
) -> dict[K, V]:
    if not wanted or not settings.warehouse.exists():
        return {}
    try:
        wait_for_warehouse(settings)
    except DamagedWarehouseError:
        return {}  # a later step recomputes the tables
    with duckdb.connect(str(settings.warehouse), read_only=True) as warehouse:
        try:
            return {each: look(warehouse, each) for each in wanted}
        except duckdb.CatalogException:
            return {}


def references_verdict(
    counts: Counts, resource: str, readable: Mapping[str, bool], adrift: Adrift
) -> Verdict:
    """Judge the references of a resource's objects.

    A target that the key can't read doesn't count as missing; a deleted object exists, as a stub.
    """
    ours = {
        each: count
        for each, count in counts.items()
        if each.resource == resource and readable.get(each.target, True)
    }
    lost = adrift.get(resource, []) if readable.get("charges", True) else []
    return _verdict(ours, resource, lost)


def _count(warehouse: duckdb.DuckDBPyConnection, reference: Reference) -> tuple[int, int]:
    query = _GAPS.format(
        resource=reference.resource,
        target=reference.target,
        column=reference.column,
        key=f"{reference.target.removesuffix('s')}_id",
    )
    row = warehouse.execute(query).fetchone()
    return (row[0], row[1]) if row else (0, 0)


def _adrift(warehouse: duckdb.DuckDBPyConnection, resource: str) -> list[str]:
    query = _ADRIFT.format(resource=resource, key=f"{resource.removesuffix('s')}_id")
    return [identifier for (identifier,) in warehouse.execute(query).fetchall()]


def _verdict(found: Counts, resource: str, adrift: list[str]) -> Verdict:
    numbers = {f"{resource} of no payment": len(adrift)} if resource in GOING_BACK else {}
    gaps = []
    for reference, (referring, lacking) in found.items():
        numbers |= {f"{reference.name}: referring": referring, f"{reference.name}: gaps": lacking}
        if lacking > referring * ALLOWED_SHARE:
            share = lacking / referring
            gaps.append(f"{lacking:,} of {referring:,} in {reference.name} ({share:.1%})")
    said = [_gaps_sentence(gaps)] if gaps else []
    said += [_adrift_sentence(resource, adrift)] if adrift else []
    if not said:
        return Verdict(True, "What these objects refer to is there.", numbers)
    return Verdict(False, " ".join(said), numbers)


def _gaps_sentence(gaps: list[str]) -> str:
    return (
        f"Ids that nothing stands for: {'; '.join(gaps)}. `stripe-pipeline reconcile` reads what "
        "the lake lacks; what remains Stripe itself doesn't have."
    )


def _adrift_sentence(resource: str, adrift: list[str]) -> str:
    number = len(adrift)
    more = f" and {number - _NAMED:,} more" if number > _NAMED else ""
    return (
        f"{counted(number, resource.removesuffix('s'))} {agreeing(number, 'lowers', 'lower')} no "
        f"sales, as no charge and no payment that is known is named in "
        f"{agreeing(number, 'it', 'them')}: {', '.join(adrift[:_NAMED])}{more}. Look for the "
        "payment in Stripe; what is paid back out of a customer's cash balance has none."
    )
