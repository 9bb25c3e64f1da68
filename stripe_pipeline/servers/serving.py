"""Serve an application with uvicorn on a socket that is already listening."""

import socket

import uvicorn
from starlette.types import ASGIApp

# Seconds that running requests have to finish at a graceful shutdown.
_END_SECONDS = 3


def serve(app: ASGIApp, listener: socket.socket) -> None:
    """Serve until SIGTERM or Ctrl-C, which is raised again afterwards.

    A proxy's headers about the client's address are ignored: nothing here depends on them.
    """
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_END_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listener])
