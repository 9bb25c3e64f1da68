"""The account that a lake mirrors, as far as its batches say: Stripe gives a key no account id."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from stripe_pipeline.lake.batches import Lake, TornBatchError
from stripe_pipeline.lake.tables import TABLES


@dataclass(frozen=True)
class MirroredAccount:
    """The account of a lake; `mode` is live or test."""

    mode: str

    @property
    def livemode(self) -> bool:
        """Stripe's flag of the mode."""
        return self.mode == "live"


def mirrored_account(lake: Lake) -> MirroredAccount | None:
    """Return the account whose objects a lake holds; None where it holds none."""
    for table in _tables_of_stripe(lake):
        livemode = next(_livemodes(lake, table), None)
        if livemode is not None:
            return MirroredAccount("live" if livemode else "test")
    return None


def _tables_of_stripe(lake: Lake) -> list[str]:
    """Return the tables of Stripe's objects: all but the pipeline's own logs."""
    if not lake.root.is_dir():
        return []
    found = sorted(path.name for path in lake.root.iterdir() if path.is_dir())
    return [name for name in found if name not in TABLES]


def _livemodes(lake: Lake, table: str) -> Iterator[bool]:
    """Yield the livemode of each batch, newest first, skipping damaged ones."""
    for batch in reversed(lake.batches(table)):
        with suppress(TornBatchError):
            if (livemode := batch.cursor().get("livemode")) is not None:
                yield livemode
