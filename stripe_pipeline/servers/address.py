"""The address at which a server listens: its socket, its URL, a warning if others reach it."""

import socket
from dataclasses import dataclass, field

import typer

from stripe_pipeline.errors import PipelineError, UsageError
from stripe_pipeline.servers.names import OwnNames, is_loopback, own_names

_BACKLOG = 128


@dataclass(frozen=True)
class Address:
    """The address to listen at, and further host names that a request may ask for."""

    host: str
    port: int
    allowed_hosts: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The URL for a browser."""
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else self._plain

    @property
    def _plain(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def own(self) -> OwnNames:
        """The host names that a request may ask for.

        Raises:
            UsageError: one isn't a host name.
        """
        try:
            return own_names(self.host, self.allowed_hosts)
        except ValueError as error:
            raise UsageError(
                f"{str(error) or 'Nothing'} is no host name or address; give it without http:// "
                "and without a port, such as ui.example.com."
            ) from None


def listen(address: Address) -> socket.socket:
    """Bind the port and return its socket; early connections wait until the server is ready.

    Raises:
        PipelineError: the port is taken, or the address isn't this machine's.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        return socket.create_server((address.host, address.port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise PipelineError(
            f"Port {address.port} on {address.host} can't be listened on ({error.strerror}); stop "
            "what uses it, or choose others with --port and --host."
        ) from None


def warn_of_others(address: Address, what: str) -> None:
    """Warn that a server has no password, if other machines can reach it."""
    if not is_loopback(address.host):
        typer.echo(
            f"Warning: anyone who reaches {address.url} can {what}; there is no login. Leave out "
            "--host to serve this machine alone, or put a proxy with a login in front.",
            err=True,
        )
