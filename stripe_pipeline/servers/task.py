"""The argument of the web server's process, see web.py."""

import msgspec


class Task(msgspec.Struct):
    """A web server's task: the listening socket, the workspace file, and the server's own names."""

    descriptor: int
    workspace: str
    host: str
    allowed_hosts: list[str]
