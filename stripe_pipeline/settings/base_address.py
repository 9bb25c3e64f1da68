"""Which addresses the key may be sent to: Stripe's, this machine's, and one that a user allows.

A `.env` file in an untrusted folder could name any address. So any other host has to be repeated
in a second setting, and an address that two parsers may read differently (user names,
backslashes, blanks, numbers in place of a host's name) is refused.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from pydantic import AfterValidator, ValidationInfo

from stripe_pipeline.errors import UsageError

STRIPE_API = "https://api.stripe.com"
ALLOWING = "STRIPE_PIPELINE_ALLOW_API_BASE"
_PLAIN = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\])(?::(?P<port>\d{1,5}))?"
    r"(?:/[A-Za-z0-9._~/-]*)?",
    re.ASCII,
)
_LAST_PORT = 65_535
_STRIPE = urlsplit(STRIPE_API).hostname


def is_loopback(host: str | None) -> bool:
    """Tell whether a host is this machine: localhost, 127.x.x.x written in full, or ::1."""
    if host == "localhost":
        return True
    try:
        address = ip_address(host or "")
    except ValueError:
        return False
    return address == IPv6Address("::1") or (
        isinstance(address, IPv4Address) and address.is_loopback
    )


def check_base(base: str, allowed: str = "") -> str:
    """Return the base address without a slash at its end.

    `allowed` is a host to which the key may be sent besides Stripe and this machine, with or
    without its port.

    Raises:
        UsageError: it isn't an https address (http only on this machine), or names another host.
    """
    found = _PLAIN.fullmatch(base)
    if not found or int(found["port"] or 0) > _LAST_PORT:
        raise _unsafe(base)
    host = found["host"].lower().strip("[]")
    if is_loopback(host):
        return base.rstrip("/")
    if found["scheme"] != "https":
        raise _unsafe(base)
    with_port = f"{host}:{found['port']}" if found["port"] else host
    if host != _STRIPE and allowed.strip().lower() not in (host, with_port):
        raise _not_allowed(base, with_port)
    if host == _STRIPE and (path := urlsplit(base).path.rstrip("/")):
        raise _with_path(base, path)
    return base.rstrip("/")


def _safe_base(base: str, others: ValidationInfo) -> str:
    try:
        return check_base(base, others.data.get("allow_api_base", ""))
    except UsageError as error:
        raise ValueError(str(error).rstrip(".")) from None


# For the setting, which `allow_api_base` stands before: a mistake is reported with those of others.
SafeBase = AfterValidator(_safe_base)


def _unsafe(base: str) -> UsageError:
    return UsageError(
        f"STRIPE_API_BASE {_fault(base)}, so a key can't be sent safely to it; leave it out for "
        "Stripe's own address, or give an https address (http only on this machine)."
    )


def _fault(base: str) -> str:
    """Say what is wrong with an address, without showing what may be a password."""
    if "@" in base:
        return "has a user name, a password or another host before an @, which no API address has"
    if found := re.search("[?#]", base):
        return f"has a {found[0]} and something behind it, which no API address has"
    return f"is {base or 'empty'}"


def _with_path(base: str, path: str) -> UsageError:
    return UsageError(
        f"STRIPE_API_BASE has the path {path}, which Stripe's own address hasn't: /v1 is added to "
        f"each request; write {base.rstrip('/').removesuffix(path)}, or leave it out."
    )


def _not_allowed(base: str, host: str) -> UsageError:
    return UsageError(
        f"STRIPE_API_BASE is {base}, which is neither Stripe nor this machine, so the key isn't "
        f"sent there; leave it out for Stripe's own address, or set {ALLOWING}={host} as well if "
        "you trust that host with the key."
    )
