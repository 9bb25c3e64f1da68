"""The signing secrets of the webhook endpoint, and the mode of the events it accepts."""

from stripe_pipeline.errors import UsageError
from stripe_pipeline.home import Home
from stripe_pipeline.ingestion.mirror.key_mode import refuse_other_mode
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.http.keys import require_key

WHERE = "https://dashboard.stripe.com/webhooks"
PREFIX = "whsec_"


def require_secrets(settings: Settings) -> list[bytes]:
    """Return the signing secrets of the settings: the old and the new while they are rolled.

    Raises:
        UsageError: none is set, or one isn't a signing secret.
    """
    found = settings.webhook_secrets
    problem = "" if found else "STRIPE_WEBHOOK_SECRET is not set."
    if any(not _is_secret(secret) for secret in found):
        problem = "STRIPE_WEBHOOK_SECRET holds something else than signing secrets (whsec_...)."
    if problem:
        raise UsageError(
            f"{problem} Choose your endpoint at {WHERE}, reveal its signing secret, and set it as "
            "STRIPE_WEBHOOK_SECRET; while you roll it, both, with a comma between."
        )
    return [secret.encode() for secret in found]


def _is_secret(text: str) -> bool:
    """Tell whether something follows the prefix: anyone could sign with an empty secret."""
    return text.startswith(PREFIX) and text != PREFIX


def expected_livemode(home: Home) -> bool | None:
    """Return the livemode of the key or else of the home folder; None if neither is set.

    Raises:
        UsageError: the key can't be used, or is of another mode than the home folder.
    """
    settings = home.settings
    if settings.stripe_api_key is not None:
        key = require_key(settings)
        refuse_other_mode(settings, key)
        return key.livemode
    return home.account.livemode if home.account else None
