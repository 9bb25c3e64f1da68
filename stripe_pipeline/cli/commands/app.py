"""What can be asked of `stripe-pipeline`, and how a failure is told."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from stripe_pipeline.cli.commands import (
    campaigns,
    customers,
    forgetting,
    history,
    people,
    pipeline,
    rates,
    reconcile,
    segments,
    sites,
    webhooks,
)
from stripe_pipeline.errors import PipelineError
from stripe_pipeline.files.disk_trouble import disk_trouble
from stripe_pipeline.files.private import make_private
from stripe_pipeline.settings import env_file, load_settings
from stripe_pipeline.settings.dotenv_file import remarks
from stripe_pipeline.terminal.stopping import StoppedError, ended_by_sigterm

DEBUG = "--debug"

app = typer.Typer(
    name="stripe-pipeline",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for commands in (pipeline, reconcile, customers, forgetting, history, sites, webhooks):
    app.add_typer(commands.app)
app.add_typer(people.consent, name="consent")
app.add_typer(people.suppressions, name="suppress")
app.add_typer(rates.app, name="rates")
app.add_typer(segments.app, name="segments")
app.add_typer(campaigns.app, name="campaigns")


@app.callback(epilog="Example: stripe-pipeline demo")
def stripe_pipeline(
    debug: Annotated[
        bool, typer.Option(DEBUG, help="Show where an error came from. Works with every command.")
    ] = False,
) -> None:
    """Turn a Stripe account into customer profiles, segments, loyalty points and messages."""
    for remark in remarks(env_file()):
        typer.echo(remark, err=True)
    # Whose home can't be changed may be read all the same; who writes says why that can't be.
    with suppress(OSError, PipelineError):
        make_private(load_settings().home)


def run_command(line: Sequence[str]) -> None:
    """Run a command; exit 0 on success, 1 on a failed run, 2 on wrong use.

    An error is one sentence on stderr. `--debug`, anywhere on the line, shows its traceback.
    """
    debug = DEBUG in line
    arguments = [argument for argument in line if argument != DEBUG]
    command = _named(arguments)
    try:
        with ended_by_sigterm(command, _say_at_once):
            app(arguments, prog_name=app.info.name)
    except SystemExit as ended:
        # Typer makes this of Ctrl-C, without a word.
        if ended.code == StoppedError.exit_code:
            typer.echo(str(StoppedError(command)), err=True)
        raise
    except PipelineError as error:
        if debug:
            raise
        _fail(str(error), error.exit_code)
    except Exception as error:
        if debug:
            raise
        if sentence := disk_trouble(error, _home()):
            _fail(sentence, exit_code=1)
        # Its message may quote a person's data or a key, so only its kind is shown.
        _fail(
            f"Something unforeseen happened ({type(error).__name__}); the same command with "
            f"{DEBUG} shows where.",
            exit_code=1,
        )


def _home() -> Path | None:
    """The folder that nearly everything is written to; None where the settings don't say."""
    with suppress(PipelineError):
        return load_settings().home
    return None


def _say_at_once(sentence: str) -> None:
    """For a signal handler: nothing is waited for."""
    os.write(sys.stderr.fileno(), f"{sentence}\n".encode())


def _named(arguments: Sequence[str]) -> str:
    """The command that a line gives, with the group that it is of."""
    groups = {group.name for group in app.registered_groups}
    length = 2 if set(arguments[:1]) & groups else 1
    return " ".join(arguments[:length]) or "stripe-pipeline"


def _fail(sentence: str, exit_code: int) -> None:
    typer.echo(sentence, err=True)
    sys.exit(exit_code)
