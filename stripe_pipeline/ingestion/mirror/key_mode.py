"""A home folder mirrors one account in one mode; refuse a key of the other mode.

The key states its mode but not its account: see account.py.
"""

from collections.abc import Iterator
from contextlib import suppress

from stripe_pipeline.errors import UsageError
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.batches import TornBatchError
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.catalog import RESOURCES, Resource
from stripe_pipeline.stripe_client.http.keys import Key


def mode_of_home(lake: Lake) -> str | None:
    """Return the mode of the lake's data: live, test, or None for an empty lake."""
    for resource in RESOURCES:
        livemode = next(_livemodes(lake, resource), None)
        if livemode is not None:
            return "live" if livemode else "test"
    return None


def _livemodes(lake: Lake, resource: Resource) -> Iterator[bool]:
    """Yield the livemode of each batch, newest first, skipping damaged ones."""
    for batch in reversed(lake.batches(resource.name)):
        with suppress(TornBatchError):
            if (livemode := batch.cursor().get("livemode")) is not None:
                yield livemode


def refuse_other_mode(settings: Settings, key: Key) -> None:
    """Check that the key's mode is the home's.

    Raises:
        UsageError: it is the other one.
    """
    mode = mode_of_home(Lake(settings.lake))
    if mode not in (None, key.mode):
        raise UsageError(
            f"STRIPE_API_KEY is a {key.mode} key and the home folder {settings.home} holds {mode} "
            "data, which are never mixed; name another folder in STRIPE_PIPELINE_HOME, or use a "
            f"{mode} key."
        )
