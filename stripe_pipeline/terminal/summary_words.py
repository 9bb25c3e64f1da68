"""The sentences above a summary's tables: what is counted, and what isn't known and why."""

from collections.abc import Iterator

from stripe_pipeline.terminal.summary import Summary
from stripe_pipeline.values.words import counted
from stripe_pipeline.warehouse.readers import Row, as_text


def sentences(summary: Summary, currency: str) -> Iterator[str]:
    """Yield the lines above the tables; `currency` is the reporting currency."""
    yield f"{counted(summary.customers, 'customer')}, {counted(summary.orders, 'order')}"
    if not summary.customers and not summary.orders:
        yield "Stripe has no customers and no orders yet, so there is nothing to write to anyone."
    yield _people(summary.people)
    yield _monthly(summary.monthly, currency)
    if summary.holds["customers"]:
        yield _holds(summary.holds)


def _people(found: Row) -> str:
    joined = found["joined"]
    return (
        f"{counted(found['people'], 'person', 'people')}: {joined:,} with several accounts or "
        f"guest payments; guests without a customer: {found['guests']:,}"
    )


def _monthly(found: Row, currency: str) -> str:
    """Return the recurring revenue as a sentence: unknown if a part is, with the known part."""
    amount = f"{as_text(found['mrr'], currency)} {currency} a month"
    running = counted(found["subscriptions"], "running subscription")
    if found["unknown"] and not found["subscriptions"]:
        return "What subscriptions bring a month isn't known: the key may not read them"
    if not found["unknown"]:
        return f"{amount} from {running}"
    says = f"The monthly total of {running} isn't known: {_unknown(found)}"
    if not found["known"]:
        return says
    known = counted(found["known_subscriptions"], "subscription")
    others = counted(found["known"], "other customer")
    return f"{says}; partial: {amount} from {known} of {others}"


def _unknown(found: Row) -> str:
    rates = found["unrated"]
    lacking = f", of {rates:,} for want of an exchange rate" if rates else ""
    return f"the amount of {counted(found['unknown'], 'customer')} is unknown{lacking}"


def _holds(found: Row) -> str:
    """Return what waits for exchange rates, with its figures."""
    undecided = "; ".join(
        f"{row['segment']} leaves {row['members']:,} in and {row['others']:,} out"
        for row in found["segments"]
    )
    return (
        f"For want of exchange rates totals of {counted(found['customers'], 'customer')} are "
        f"unknown; {undecided or 'no segment needs them'}; "
        f"{counted(found['messages'], 'message')} held (missing_rate)"
    )
