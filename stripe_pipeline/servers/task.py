"""What the web server's process is told: see web.py."""

import msgspec


class Task(msgspec.Struct):
    """What to serve: the listening socket, the workspace file, and the server's own names."""

    descriptor: int
    workspace: str
    host: str
    allowed_hosts: list[str]
