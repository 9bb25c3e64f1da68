"""Fill a store with a merchant."""

from datetime import UTC, datetime
from pathlib import Path

from stripe_pipeline.demo.store.merchant import generate
from stripe_pipeline.demo.store.store import Store

DEFAULT_CUSTOMERS = 500
DEFAULT_SEED = 1


def build_store(
    customers: int = DEFAULT_CUSTOMERS,
    seed: int = DEFAULT_SEED,
    now: datetime | None = None,
    folder: Path | None = None,
) -> Store:
    """Generate a merchant and yield a store with its account; close the store at the end.

    Args:
        customers: how many customers; each has about five invoices.
        seed: the same seed, number and `now` give the same account, byte for byte.
        now: the merchant's present, which nothing is dated after. By default the real one, and
            then the store's present moves on with the clock; a given one stands still.
        folder: where the store's file is made, by default a temporary folder.
    """
    present = now or datetime.now(UTC)
    store = Store(folder, int(present.timestamp()) if now else None)
    try:
        store.load(generate(customers, seed, present))
    except BaseException:
        store.close()
        raise
    return store
