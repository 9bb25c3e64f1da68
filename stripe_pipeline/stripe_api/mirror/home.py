"""A home folder mirrors one account in one mode; refuse a key that belongs to another.

The mode stands in the key. The account doesn't, and asking Stripe for it takes a permission of its
own; so when the key is another than last time, a few objects of the lake are looked for.
"""

from collections.abc import Iterator
from contextlib import suppress

import stripe

from stripe_pipeline.errors import UsageError
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.batches import TornBatchError
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_api.catalog import BY_NAME, RESOURCES, Resource
from stripe_pipeline.stripe_api.http.keys import Key
from stripe_pipeline.stripe_api.lists.reader import Reader

# Whatever is done to them, Stripe has the first three for ever.
_LASTING = ("charges", "subscriptions", "refunds", "invoices", "customers", "products")


def mode_of_home(lake: Lake) -> str | None:
    """Return the mode of what the lake holds: live, test, or None for an empty one."""
    for resource in RESOURCES:
        livemode = next(_livemodes(lake, resource), None)
        if livemode is not None:
            return "live" if livemode else "test"
    return None


def _livemodes(lake: Lake, resource: Resource) -> Iterator[bool]:
    """What each batch says, newest first; a damaged one says nothing."""
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


async def refuse_other_account(reader: Reader, lake: Lake) -> None:
    """Check that a key that is new here reads the account that the home mirrors.

    Raises:
        UsageError: Stripe knows none of the objects that were looked for.
    """
    fingerprints = _last_fingerprints(lake)
    if not fingerprints or reader.client.key.fingerprint in fingerprints:
        return
    samples = [(BY_NAME[name], each) for name in _LASTING if (each := _newest_live(lake, name))]
    found = [await _finds(reader, resource, identifier) for resource, identifier in samples]
    if False in found and True not in found:
        raise UsageError(
            f"STRIPE_API_KEY belongs to another account than the data in {lake.root.parent}: "
            f"Stripe doesn't know {samples[0][1]}. Name another folder in STRIPE_PIPELINE_HOME, or "
            "use a key of the account that the folder mirrors."
        )


def _last_fingerprints(lake: Lake) -> set[str]:
    """The keys that wrote the newest batches: one, or two after a change of keys."""
    newest = [batches[-1] for each in RESOURCES if (batches := lake.batches(each.name))]
    return {str(key) for batch in newest if (key := batch.cursor().get("key"))}


def _newest_live(lake: Lake, table: str) -> str | None:
    """Return an object of the newest batch that has one."""
    for batch in reversed(lake.batches(table)):
        with batch.open() as file:
            rows = file.read(["id", "is_deleted"]).to_pylist()
        live = [row["id"] for row in rows if not row["is_deleted"]]
        if live:
            return str(live[0])
    return None


async def _finds(reader: Reader, resource: Resource, identifier: str) -> bool | None:
    """Tell whether Stripe has the object; None: the key may not look."""
    try:
        found = await reader.retrieve(resource, identifier)
        return found is None or not found.is_deleted  # what can't be used is there all the same
    except stripe.PermissionError:
        return None
