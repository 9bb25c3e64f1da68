"""Ask a person at the terminal before something that can't be taken back."""

import sys

import typer

from stripe_pipeline.errors import UsageError
from stripe_pipeline.terminal.stopping import StoppedError


class UnansweredError(UsageError):
    """Ctrl-C or the end of the input instead of an answer; exits as shells do after Ctrl-C."""

    exit_code = StoppedError.exit_code


def can_answer() -> bool:
    """Return whether there is a person to ask."""
    return sys.stdin.isatty()


def ask(question: str, declined: str) -> None:
    """Ask for a yes on stderr, and return if it is given.

    Raises:
        UsageError: the answer is no, or there is none; the message is `declined`.
    """
    try:
        is_agreed = typer.confirm(question, err=True)
    except typer.Abort:  # typer would print "Aborted!", which doesn't say what that leaves
        typer.echo(err=True)  # ends the question's line
        raise UnansweredError(declined) from None
    if not is_agreed:
        raise UsageError(declined)
