"""`python -m benchmarks peers`: every tool does the same task on the demo store, one at a time."""

import os
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import psutil
import typer
from rich.console import Console

from benchmarks.measure import Bounds
from benchmarks.peers.catalogue import PEERS, Peer
from benchmarks.peers.report import TITLES, as_markdown, comparisons, on_terminal, sizes
from benchmarks.peers.trial import Merchant, Row, attempt
from benchmarks.store_process import served_store
from benchmarks.truth import read_truth
from stripe_pipeline.process.environment import PROJECT_ROOT

CACHE = PROJECT_ROOT / "var" / "bench"
PAGE = CACHE / "peers.md"
WIDTH = 120
# A tool that runs for so many seconds is stopped, and rated by what it had until then.
LONGEST = 300.0
# Of the memory that is free: a tool that takes more is stopped before the machine swaps.
MEMORY_SHARE = 0.7


@dataclass(frozen=True)
class Task:
    """One tool, in one mode, on a merchant of one size."""

    mode: str
    customers: int
    peer: Peer


def main(
    customers: Annotated[int, typer.Option(min=50, help="The large merchant")] = 20_000,
    small: Annotated[int, typer.Option(min=50, help="The small one, which all can finish")] = 1_000,
    peers: Annotated[str, typer.Option(help="Some, with commas between")] = ",".join(PEERS),
    modes: Annotated[str, typer.Option(help=f"Of {', '.join(TITLES)}")] = "unlimited,live",
    seed: Annotated[int, typer.Option(help="Another seed is another merchant")] = 1,
) -> None:
    """Compare this sync with other tools and with a client that only keeps bytes."""
    console = Console()
    console.width = max(console.width, WIDTH)
    chosen = [PEERS[name] for name in _names(peers, PEERS, "--peers")]
    wanted = _names(modes, TITLES, "--modes")
    tasks = [task for mode in wanted for task in plan(mode, chosen, customers, small)]
    rows = _carried_out(console, tasks, seed)
    console.print(sizes(rows.values()))
    page = [_head(rows.values())]
    for mode in wanted:
        ordered = [rows[task] for task in tasks if task.mode == mode]
        console.print(on_terminal(mode, ordered), *comparisons(ordered), sep="\n")
        page.append(as_markdown(mode, ordered))
    CACHE.mkdir(parents=True, exist_ok=True)
    PAGE.write_text("\n".join(page))
    console.print(f"The same as Markdown: {PAGE.relative_to(PROJECT_ROOT)}")


def _head(rows: Iterable[Row]) -> str:
    today = datetime.now(UTC)
    return f"On {os.cpu_count()} cores, {today.day} {today:%B %Y}. {sizes(rows)}\n"


def plan(mode: str, peers: Sequence[Peer], customers: int, small: int) -> list[Task]:
    """Who reads which merchant.

    All read a small one to its end, though not all the same; this sync and the bare client read
    the large one as well.
    """
    sizes = [(peer, min(small, peer.customers or small, customers)) for peer in peers]
    tasks = [Task(mode, size, peer) for peer, size in sizes]
    large = [Task(mode, customers, peer) for peer in peers if not peer.environments]
    return tasks + [task for task in large if task not in tasks]


def _names(text: str, known: Collection[str], option: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in known:
            raise typer.BadParameter(f"{name} is none of {', '.join(known)}.", param_hint=option)
    return names


def _carried_out(console: Console, tasks: Sequence[Task], seed: int) -> dict[Task, Row]:
    rows = {}
    for size in sorted({task.customers for task in tasks}):
        console.print(f"Making a merchant of {size:,} customers ...")
        with _merchant(size, seed) as merchant:
            for task in tasks:
                if task.customers == size:
                    console.print(f"  {task.peer.title}: {TITLES[task.mode]} ...")
                    rows[task] = attempt(task.peer, merchant, task.mode, _bounds(), CACHE)
    return rows


@contextmanager
def _merchant(customers: int, seed: int) -> Iterator[Merchant]:
    with (
        tempfile.TemporaryDirectory(prefix="stripe-pipeline-bench-") as folder,
        served_store(customers, seed, Path(folder)) as store,
    ):
        yield Merchant(customers, store, read_truth(store.file))


def _bounds() -> Bounds:
    return Bounds(LONGEST, int(psutil.virtual_memory().available * MEMORY_SHARE))
