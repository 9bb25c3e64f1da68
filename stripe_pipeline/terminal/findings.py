"""Print the findings of a run's checks on stderr, one plain line each, at the end of the run."""

from collections.abc import Sequence
from typing import Protocol

import typer

from stripe_pipeline.values.words import agreeing, counted


class Finding(Protocol):
    """A check that didn't pass, as it is printed."""

    @property
    def line(self) -> str:
        """The check and its finding, on one line."""

    @property
    def holds(self) -> bool:
        """Whether it is an error, not a warning."""


def print_findings(found: Sequence[Finding]) -> None:
    """Print a heading with their number and a line for each; print nothing if there are none."""
    if not found:
        return
    typer.echo(f"\n{heading(found)}", err=True)
    for each in found:
        typer.echo(f"  {each.line}", err=True)


def heading(found: Sequence[Finding]) -> str:
    """Return how many checks failed and how many warn, as a heading."""
    failed = sum(each.holds for each in found)
    counts = [_checks(failed, "failed", "failed"), _checks(len(found) - failed, "warns", "warn")]
    said = " and ".join(count for count in counts if count)
    return f"{said} (`make ui` shows the history of each):"


def _checks(count: int, one: str, several: str) -> str:
    if not count:
        return ""
    return f"{counted(count, 'check')} {agreeing(count, one, several)}"
