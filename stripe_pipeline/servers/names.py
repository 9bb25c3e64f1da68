"""The host names that requests to a server may ask for, and the origin that a request states."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address

_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)\.?(?::(\d{1,5}))?")
_ORIGIN = re.compile(r"(https?)://([^/?#]*)")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Authority:
    """A host name and its port; the port is None where it is the scheme's own."""

    name: str
    port: int | None


@dataclass(frozen=True)
class OwnNames:
    """The names of a server, which a `Host` header may have.

    A name that isn't listed is refused even if it resolves to this machine: another site can let
    its own name resolve to it (DNS rebinding). An IP address can't be rebound, so a server that
    listens on every network accepts any.
    """

    names: frozenset[str]
    any_address: bool = False

    def include(self, authority: Authority) -> bool:
        """Return whether a name is the server's own, with any port, as a tunnel may change it."""
        return authority.name in self.names or (self.any_address and _is_address(authority.name))


def own_names(host: str, further: Iterable[str] = ()) -> OwnNames:
    """Return the names of a server that listens at `host`, with those that a user allows.

    Raises:
        ValueError: one of them isn't a host name; the message is the name.
    """
    every = is_address_of_every_network(host)
    names = {_name(name) for name in further} | ({_name(host)} if not every else set())
    return OwnNames(_LOOPBACK | names, any_address=every)


def is_address_of_every_network(host: str) -> bool:
    """Return whether listening at `host` is listening on every network of the machine."""
    return _is_address(host) and ip_address(host).is_unspecified


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach a server that listens at `host`."""
    return host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)


def read_authority(text: str) -> Authority | None:
    """Parse a `Host` header; None where it isn't a plain name or address with a port."""
    found = _AUTHORITY.fullmatch(text.lower())
    if found is None:
        return None
    name = found[1]
    if name.startswith("["):
        if not _is_address(name[1:-1]):
            return None
        name = str(ip_address(name[1:-1]))
    return Authority(name, int(found[2]) if found[2] else None)


def is_of_origin(url: str, host: Authority) -> bool:
    """Return whether an `Origin` or `Referer` header has the host and port of the request."""
    found = _ORIGIN.match(url.lower())
    authority = read_authority(found[2]) if found else None
    if found is None or authority is None:
        return False
    default = _DEFAULT_PORTS[found[1]]
    same_port = (authority.port or default) == (host.port or default)
    return authority.name == host.name and same_port


def _name(text: str) -> str:
    authority = read_authority(f"[{text}]" if ":" in text else text)
    if authority is None or authority.port is not None:
        raise ValueError(text)
    return authority.name


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
