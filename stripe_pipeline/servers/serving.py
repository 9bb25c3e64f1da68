"""Serve an application with uvicorn on a socket that listens already."""

import socket

import uvicorn
from starlette.types import ASGIApp

# Seconds in which what is being answered must have been answered once the process is to end.
_END_SECONDS = 3


def serve(app: ASGIApp, listener: socket.socket) -> None:
    """Serve until SIGTERM or Ctrl-C, which is raised again afterwards.

    What a proxy says of the client's address isn't believed: nothing here depends on it.
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
