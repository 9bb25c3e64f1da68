"""Redact secrets in text: Stripe's own messages repeat parts of keys and account ids."""

import re
from typing import Any

_SECRETS = (
    (re.compile(r"\b(sk|rk|pk|ek|whsec)_(live_|test_|org_)?[A-Za-z0-9_*.…]+"), r"\1_\2…"),
    (re.compile(r"\bacct_[A-Za-z0-9]+"), "acct_…"),
    (re.compile(r"\*{3,}[A-Za-z0-9]*"), "…"),
)


def redact(text: str, secret: str = "") -> str:
    """Return the text without keys, parts of keys, account ids, and the literal `secret`."""
    if secret:
        text = text.replace(secret, "…")
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def redact_all(value: Any, secret: str = "") -> Any:
    """Redact every string inside a decoded JSON value."""
    if isinstance(value, str):
        return redact(value, secret)
    if isinstance(value, dict):
        return {name: redact_all(inner, secret) for name, inner in value.items()}
    if isinstance(value, list):
        return [redact_all(inner, secret) for inner in value]
    return value
