"""A home folder mirrors one account in one mode; refuse a key that belongs to another."""

from stripe_pipeline.errors import UsageError
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_api.catalog import RESOURCES
from stripe_pipeline.stripe_api.keys import Key


def mode_of_home(lake: Lake) -> str | None:
    """Return the mode of what the lake holds: live, test, or None for an empty one."""
    for resource in RESOURCES:
        batches = lake.batches(resource.name)
        livemode = batches[-1].cursor().get("livemode") if batches else None
        if livemode is not None:
            return "live" if livemode else "test"
    return None


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
