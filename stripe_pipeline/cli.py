"""The command `stripe-pipeline`: what can be asked for, and how a failure is told."""

import sys
from typing import Annotated

import typer

from stripe_pipeline.commands import (
    customers,
    forgetting,
    people,
    pipeline,
    reconcile,
    sites,
    webhooks,
)
from stripe_pipeline.errors import PipelineError

DEBUG = "--debug"

app = typer.Typer(
    name="stripe-pipeline",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for commands in (pipeline, reconcile, customers, forgetting, sites, webhooks):
    app.registered_commands += commands.app.registered_commands
app.add_typer(people.consent, name="consent")
app.add_typer(people.suppressions, name="suppress")


@app.callback(epilog="Example: stripe-pipeline demo")
def stripe_pipeline(
    debug: Annotated[
        bool, typer.Option(DEBUG, help="Show where an error came from. Works with every command.")
    ] = False,
) -> None:
    """Turn a Stripe account into customer profiles, segments, loyalty points and messages."""


def main() -> None:
    """Run a command; exit 0 on success, 1 on a failed run, 2 on wrong use.

    An error is one sentence on stderr. `--debug`, anywhere on the line, shows its traceback.
    """
    debug = DEBUG in sys.argv[1:]
    arguments = [argument for argument in sys.argv[1:] if argument != DEBUG]
    try:
        app(arguments)
    except PipelineError as error:
        if debug:
            raise
        _fail(str(error), error.exit_code)
    except Exception as error:
        if debug:
            raise
        # Its message may quote a person's data or a key, so only its kind is shown.
        _fail(
            f"Something unforeseen happened ({type(error).__name__}); the same command with "
            f"{DEBUG} shows where.",
            exit_code=1,
        )


def _fail(sentence: str, exit_code: int) -> None:
    typer.echo(sentence, err=True)
    sys.exit(exit_code)


if __name__ == "__main__":
    main()
