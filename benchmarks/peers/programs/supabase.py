"""Supabase's sync engine in Node, into a PostgreSQL server of its own.

Run with this project's interpreter: `python supabase.py BASE FOLDER MODULES`, the last the folder
of the installed Node packages; `python supabase.py prepare MODULES` puts an empty database there,
so that making one isn't measured. The server listens on a socket in the folder alone, and its files
are lost on purpose when the machine stops: that is the fastest it can be.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=")
# PostgreSQL refuses to be run by root.
SERVER_USER = "nobody" if os.geteuid() == 0 else None
DATABASE = "database.tar"
# The engine's migrations speak of this role.
ROLE = "postgres"
QUERIES = {
    "customers": "select id from stripe.customers where not coalesce(deleted, false)",
    "invoices": "select id, total, jsonb_array_length(lines -> 'data') as lines "
    "from stripe.invoices",
    "subscriptions": "select id from stripe.subscriptions",
}


def main(base: str, folder: Path, modules: str) -> None:
    """Load three resources, and write the rows' ids, totals and numbers of lines beside."""
    with _server(folder / "pg", Path(modules) / DATABASE) as socket:
        script = Path(__file__).with_suffix(".cjs")
        subprocess.run(["node", str(script), base, modules, socket], check=True)
        for name, query in QUERIES.items():
            with (folder / f"{name}.csv").open("wb") as file:
                copy = f"copy ({query}) to stdout (format csv, header)"
                _psql(socket, copy, stdout=file.fileno())


def prepare(modules: Path) -> None:
    """Make an empty database and pack it."""
    with tempfile.TemporaryDirectory() as name:
        folder = _given_away(Path(name))
        command = ["initdb", "-A", "trust", "-N", "-U", ROLE, "-D", str(folder / "data")]
        subprocess.run(command, check=True, cwd=folder, user=SERVER_USER)
        subprocess.run(["tar", "-C", name, "-cf", str(modules / DATABASE), "data"], check=True)


def _given_away(folder: Path) -> Path:
    if SERVER_USER:
        shutil.chown(folder, SERVER_USER)
    return folder


@contextmanager
def _server(folder: Path, database: Path) -> Iterator[str]:
    folder.mkdir()
    folder.parent.chmod(0o755)
    _given_away(folder)
    subprocess.run(["tar", "-C", str(folder), "-xpf", str(database)], check=True)
    options = [word for setting in QUICK for word in ("-c", setting)]
    command = ["postgres", "-D", str(folder / "data"), "-k", str(folder), *options]
    log = (folder.parent / "postgres.log").open("wb")
    with log, subprocess.Popen(command, stderr=log, cwd=folder, user=SERVER_USER) as server:
        try:
            _wait(str(folder))
            yield str(folder)
        finally:
            server.terminate()


def _wait(socket: str) -> None:
    for _ in range(200):
        try:
            _psql(socket, "select 1", stdout=subprocess.DEVNULL)
            return
        except subprocess.CalledProcessError:
            time.sleep(0.05)
    sys.exit("PostgreSQL didn't start")


def _psql(socket: str, query: str, stdout: int) -> None:
    command = ["psql", "-X", "-q", "-h", socket, "-U", ROLE, "-d", "postgres", "-c", query]
    subprocess.run(command, check=True, stdout=stdout, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        prepare(Path(sys.argv[2]))
    else:
        main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
