"""A home folder mirrors one account in one mode; refuse a key of the other mode.

The key states its mode but not its account: see account.py.
"""

from stripe_pipeline.errors import UsageError
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.account import mirrored_account
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.http.keys import Key


def refuse_other_mode(settings: Settings, key: Key) -> None:
    """Check that the key's mode is the home's.

    Raises:
        UsageError: it is the other one.
    """
    account = mirrored_account(Lake(settings.lake))
    if account and account.mode != key.mode:
        raise UsageError(
            f"STRIPE_API_KEY is a {key.mode} key and the home folder {settings.home} holds "
            f"{account.mode} data, which are never mixed; name another folder in "
            f"STRIPE_PIPELINE_HOME, or use a {account.mode} key."
        )
