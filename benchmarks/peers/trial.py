"""Lets one tool do the task once, and makes a row of what it cost and what it loaded."""

import os
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.measure import Bounds, CommandFailedError, Cost, run
from benchmarks.peers.catalogue import Peer
from benchmarks.peers.environments import NotInstalledError, installed
from benchmarks.peers.tables import read_rows
from benchmarks.store_process import Reached, ServedStore
from benchmarks.truth import RESOURCES, Rows, differences
from stripe_pipeline.demo.store import DEMO_KEY

# What STRIPE_PIPELINE_RATE_LIMIT says to this sync and the bare client, by pace of the server.
RATE_LIMITS = {"unlimited": "100000", "live": "100", "live-endpoints": "100"}
LONGEST_REASON = 140
PATH = re.compile(r"[A-Za-z]+://\S+|(?:/[\w.+@-]+){2,}/?")


@dataclass(frozen=True)
class Figures:
    """What a tool reached.

    `objects_a_second` and `cpu` (seconds per 1,000 objects) are of the whole process, from its
    start to its end; `requests_a_second` lie between the first answer and the last. `memory` is in
    bytes.
    """

    objects: int
    objects_a_second: float
    cpu: float
    memory: int
    requests_a_second: float


@dataclass(frozen=True)
class Row:
    """One tool in one mode; without figures, `rows` says why."""

    peer: Peer
    customers: int
    figures: Figures | None
    rows: str


@dataclass(frozen=True)
class Merchant:
    """A demo merchant that is being served, and what a complete load of it holds."""

    customers: int
    store: ServedStore
    truth: Rows


def attempt(peer: Peer, merchant: Merchant, pace: str, bounds: Bounds, cache: Path) -> Row:
    """Run a tool; whatever goes wrong with it is told in its row."""
    try:
        with tempfile.TemporaryDirectory(prefix="stripe-pipeline-peer-") as folder:
            return _measured(peer, merchant, pace, bounds, cache, Path(folder))
    except NotInstalledError as error:
        return Row(peer, merchant.customers, None, f"not installed: {reason(str(error))}")
    except CommandFailedError as error:
        return Row(peer, merchant.customers, None, f"failed: {reason(error.output)}")


def _measured(
    peer: Peer, merchant: Merchant, pace: str, bounds: Bounds, cache: Path, folder: Path
) -> Row:
    command = _command(peer, merchant.store, cache, folder)
    merchant.store.start(pace)
    cost = run(command, _environment(merchant.store.base, pace, folder), bounds)
    reached = merchant.store.reached()
    done = bool(peer.tables) and not cost.stopped
    objects = merchant.truth.objects if done else reached.objects
    rows = _rows(peer, merchant.truth, cost, folder)
    return Row(peer, merchant.customers, _figures(objects, cost, reached), rows)


def _figures(objects: int, cost: Cost, reached: Reached) -> Figures | None:
    if not objects:
        return None
    return Figures(
        objects=objects,
        objects_a_second=objects / cost.wall,
        cpu=cost.cpu / objects * 1_000,
        memory=cost.peak_memory,
        requests_a_second=reached.requests_a_second,
    )


def _command(peer: Peer, store: ServedStore, cache: Path, folder: Path) -> Sequence[str]:
    environments = [installed(each, cache) for each in peer.requirements]
    if peer.command[0] == "-m":
        return [sys.executable, *peer.command, store.base, str(store.file), *RESOURCES]
    python = environments.pop(0) if peer.has_own_python else sys.executable
    return [python, *peer.command, store.base, str(folder), *environments]


def _environment(base: str, pace: str, folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    return kept | {
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "STRIPE_API_KEY": DEMO_KEY,
        "STRIPE_API_BASE": base,
        "STRIPE_PIPELINE_RATE_LIMIT": RATE_LIMITS[pace],
        "DO_NOT_TRACK": "true",
        "RUNTIME__DLTHUB_TELEMETRY": "false",
    }


def _rows(peer: Peer, truth: Rows, cost: Cost, folder: Path) -> str:
    if cost.stopped == "memory":
        return f"stopped at {cost.peak_memory / 1e9:.1f} GB"
    if cost.stopped:
        return f"stopped after {cost.wall:.0f} s"
    if peer.tables is None:
        return "keeps none"
    try:
        return "; ".join(differences(truth, read_rows(folder, peer.tables))) or "all right"
    except duckdb.Error as error:
        return f"no tables: {reason(str(error))}"


def reason(output: str) -> str:
    """The last line of what a program said, without paths and addresses."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    last = PATH.sub("...", lines[-1]) if lines else "it ended without a word"
    return last if len(last) <= LONGEST_REASON else f"{last[:LONGEST_REASON]} ..."
