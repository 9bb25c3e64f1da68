"""Run the demo store alone: `python -m stripe_pipeline.demo.store --customers 500`."""

import os
import signal
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from stripe_pipeline.demo.store.access import DEMO_KEY
from stripe_pipeline.demo.store.build import DEFAULT_CUSTOMERS, DEFAULT_SEED, build_store
from stripe_pipeline.demo.store.files import write_files
from stripe_pipeline.demo.store.server import serve

LARGEST = 200_000
PORT = 12111

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def run(
    customers: Annotated[
        int, typer.Option(min=1, max=LARGEST, help="How many customers the merchant has.")
    ] = DEFAULT_CUSTOMERS,
    seed: Annotated[int, typer.Option(help="The same seed draws the same merchant.")] = (
        DEFAULT_SEED
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free port.")] = PORT,
    files: Annotated[
        Path | None,
        typer.Option(help="Folder to write consents.csv and exchange_rates.csv to."),
    ] = None,
) -> None:
    """Serve a demo merchant as Stripe would, on 127.0.0.1, until Ctrl+C.

    Example: python -m stripe_pipeline.demo.store --customers 500 --seed 1 --port 12111
    """
    if files:
        _write(files, customers, seed)
    with build_store(customers, seed) as store:
        try:
            with serve(store, port=port) as address:
                typer.echo(f"STRIPE_API_BASE={address}\nSTRIPE_API_KEY={DEMO_KEY}")
                _wait()
        except OSError as error:
            _refuse(f"Port {port} can't be used ({_why(error)}); name another with --port.")


def _write(folder: Path, customers: int, seed: int) -> None:
    try:
        write_files(folder, customers, seed, datetime.now(UTC))
    except OSError as error:
        _refuse(f"{folder} can't be written ({_why(error)}); name another folder with --files.")


def _why(error: OSError) -> str:
    return os.strerror(error.errno or 0)


def _refuse(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(2) from None


def _wait() -> None:
    try:
        while True:
            time.sleep(3_600)
    except KeyboardInterrupt:
        typer.echo("Stopped.")


if __name__ == "__main__":
    # SIGTERM ends it as Ctrl+C does, so that the temporary folder is removed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    app()
