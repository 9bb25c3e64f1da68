"""The command that takes back what was recorded for later than now."""

from typing import Annotated

import typer

from stripe_pipeline.errors import UsageError
from stripe_pipeline.settings import load_settings

app = typer.Typer()


@app.command(
    "withdraw-future",
    short_help="Take back moves and messages that are recorded for later than now.",
    epilog="Example: stripe-pipeline withdraw-future",
)
def withdraw_future(
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask; for scripts")] = False,
) -> None:
    """Take back segment moves and messages that are recorded for later than now.

    A run for a later instant, which older versions allowed, or a clock that was ahead leaves them,
    and until then no run records a move or exports anything. The moves no longer count. What was
    exported stays exported, and isn't exported again when its person really enters the segment.
    Nothing is deleted: the log of the lake says what was taken back.
    """
    from stripe_pipeline.activation.withdrawal import withdraw_future
    from stripe_pipeline.lake_checks.timeline import recorded_later
    from stripe_pipeline.settings.clock import in_words
    from stripe_pipeline.warehouse.ahead import recorded_ahead

    settings = load_settings()
    found = recorded_ahead(settings)
    if found.newest is None:
        typer.echo(f"Nothing is recorded for later than now ({in_words(found.now)}).")
        return
    told = (
        f"{recorded_later(found)} are recorded for later "
        f"than now ({in_words(found.now)}), up to {in_words(found.newest)}."
    )
    _confirm(told, yes=yes)
    withdraw_future(settings)
    typer.echo(f"{told} They are taken back; `stripe-pipeline run` goes on from here.")


def _confirm(told: str, *, yes: bool) -> None:
    from stripe_pipeline.terminal.asking import ask, can_answer

    if yes:
        return
    if not can_answer():
        raise UsageError(f"{told} Say --yes to take them back, if this machine's clock is right.")
    typer.echo(told)
    question = "Is this machine's clock right, and are they to be taken back?"
    ask(question, declined="Nothing was taken back.")
