"""Which API keys are accepted, their kind and mode, and their fingerprint.

Source of the prefixes: https://docs.stripe.com/keys and /keys/organization-api-keys.
"""

import hashlib
import re
from dataclasses import dataclass, field

from stripe_pipeline.errors import UsageError
from stripe_pipeline.settings import Settings

WHERE = "https://dashboard.stripe.com/apikeys"
_RESTRICTED = "a restricted key (rk_live_... or rk_test_...) with Read permissions"
_PATTERN = re.compile(r"(?P<kind>sk|rk)_(?P<mode>live|test)_[A-Za-z0-9_]+")


@dataclass(frozen=True)
class Key:
    """An API key: `secret` is never shown, `warning` is for its owner ("" for none)."""

    secret: str = field(repr=False)
    mode: str  # live or test
    warning: str = ""

    @property
    def livemode(self) -> bool:
        """Whether Stripe marks the objects that this key reads with `livemode: true`."""
        return self.mode == "live"

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits of a hash that identify the key without revealing it."""
        return hashlib.sha256(f"stripe-pipeline {self.secret}".encode()).hexdigest()[:12]


def require_key(settings: Settings) -> Key:
    """Return the key of the settings.

    Raises:
        UsageError: no key is set, or it is of a kind that can't read an account.
    """
    secret = settings.stripe_api_key.get_secret_value().strip() if settings.stripe_api_key else ""
    problem = _problem(secret)
    if problem:
        raise UsageError(f"{problem} Make {_RESTRICTED} at {WHERE} and set it as STRIPE_API_KEY.")
    found = _PATTERN.fullmatch(secret)
    assert found is not None  # _problem has checked it
    return Key(secret, found["mode"], _warning(found["kind"]))


def _problem(secret: str) -> str:
    if not secret:
        return "STRIPE_API_KEY is not set."
    if secret.startswith("pk_"):
        return "STRIPE_API_KEY is a publishable key (pk_...), which can't read an account."
    if secret.startswith("sk_org"):
        return (
            "STRIPE_API_KEY is an organization key (sk_org...), which spans several accounts, and "
            "one home folder mirrors one account."
        )
    if secret.startswith("whsec_"):
        return "STRIPE_API_KEY is a webhook signing secret (whsec_...), not an API key."
    if not _PATTERN.fullmatch(secret):
        return "STRIPE_API_KEY doesn't look like a key of Stripe's."
    return ""


def _warning(kind: str) -> str:
    if kind == "rk":
        return ""
    return (
        "STRIPE_API_KEY is a secret key (sk_...), which may do everything in the account; "
        f"{_RESTRICTED} is enough. Make one at {WHERE}."
    )
