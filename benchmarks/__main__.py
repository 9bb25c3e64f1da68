"""`make bench`: every benchmark, one after the other; each alone is a command of its own.

`python -m benchmarks` runs them all, `python -m benchmarks peers --help` tells of one.
"""

from collections.abc import Callable

import typer

from benchmarks import history, segments, stage_table, transform, webhooks
from benchmarks.peers import command as peers

# In the order of running; every one works without an option.
BENCHMARKS: dict[str, Callable[..., None]] = {
    "peers": peers.main,
    "stages": stage_table.main,
    "webhooks": webhooks.main,
    "history": history.main,
    "transform": transform.main,
    "segments": segments.main,
}

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
for name, benchmark in BENCHMARKS.items():
    app.command(name)(benchmark)


@app.callback(invoke_without_command=True)
def everything(context: typer.Context) -> None:
    """What the pipeline costs: run every benchmark, or the one that is named."""
    if context.invoked_subcommand is None:
        for benchmark in BENCHMARKS.values():
            benchmark()


if __name__ == "__main__":
    app()
