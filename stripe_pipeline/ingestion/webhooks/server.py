"""Serve the receiver with uvicorn until it is stopped."""

import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.ingestion.webhooks.patience import Refuse, patient
from stripe_pipeline.process.signals import answering

# Seconds for requests in flight to finish on shutdown.
_END_SECONDS = 10


def serve(
    app: ASGIApp, host: str, port: int, started: Callable[[str], None], refuse: Refuse
) -> None:
    """Serve until SIGTERM or Ctrl-C, then finish requests in flight.

    `started` gets the address once deliveries are accepted there. Port 0 takes a free one.
    `refuse` gets the reason why a connection was closed before it became a delivery.

    Raises:
        PipelineError: the address can't be listened on.
    """
    config = uvicorn.Config(
        app,
        http=patient(refuse),
        # A connection that is upgraded would leave `patient`, and wait for ever.
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_END_SECONDS,
    )
    # uvicorn logs a line for every invalid request; `refuse` aggregates them instead.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    server = uvicorn.Server(config)
    with _listening(host, port) as listener, _ending_on_signals(server):
        started(_address(host, listener.getsockname()[1]))
        server.run(sockets=[listener])


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """Listen before the server is ready: the operating system queues early connections."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise PipelineError(
            f"Nothing can listen at {host}, port {port} ({error.strerror}); stop what uses it, or "
            "choose others with --host and --port."
        ) from None
    with listener:
        yield listener


@contextmanager
def _ending_on_signals(server: uvicorn.Server) -> Iterator[None]:
    """Turn SIGINT and SIGTERM into a normal exit, also before the server is ready.

    uvicorn has handlers of its own while it serves, and re-raises the signal when it is done.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        server.should_exit = True

    with answering(stop, signal.SIGINT, signal.SIGTERM):
        yield
