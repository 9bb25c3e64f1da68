"""A run of the whole product on the built-in demo store, in a home folder of its own."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import msgspec
import typer

from stripe_pipeline.demo.home import Shop, demo_settings, demo_store, shop_of
from stripe_pipeline.errors import PipelineError, UsageError
from stripe_pipeline.files.disk_trouble import naming_the_disk
from stripe_pipeline.files.durable import replacing
from stripe_pipeline.home import Home
from stripe_pipeline.settings import load_settings
from stripe_pipeline.settings.clock import AsOf
from stripe_pipeline.settings.demo_mark import DEMO_NOW, MARKER
from stripe_pipeline.settings.parsing import home_path


def run_demo(home: Path, *, customers: int, seed: int) -> None:
    """Serve the demo store, run everything on it, and print a summary.

    A second run finds the same shop: it reads what changed, which is nothing, and exports nothing
    twice. Another size or seed starts the folder over.

    Raises:
        UsageError: the folder holds something else than a demo, or its path can't be used.
        PipelineError: the run failed.
    """
    from stripe_pipeline.warehouse.manifest import prepare_manifest

    home = _usable(home)
    typer.echo(f"Opening a demo store with {customers:,} customers", err=True)
    shop = Shop(customers, seed)
    with naming_the_disk(home), ThreadPoolExecutor(1) as background:
        _prepare_home(home, shop)
        # The run would do it anyway; now it happens while all else is loaded and the store filled.
        background.submit(prepare_manifest, load_settings(demo_settings(home, url="")))
        customer = _run_on_store(home, shop)
    _print_next(customer)


def _usable(home: Path) -> Path:
    try:
        return home_path(home)
    except ValueError as error:
        raise UsageError(f"--home can't be used: {error}.") from None


def _run_on_store(home: Path, shop: Shop) -> str | None:
    """Run everything and print the summary; returns a customer whose profile is worth a look."""
    from stripe_pipeline.activation.consent import import_consents
    from stripe_pipeline.cli.commands.running import run_in_terminal
    from stripe_pipeline.demo.store.files import write_files
    from stripe_pipeline.lake import Lake
    from stripe_pipeline.lake.erasures import FORGOTTEN, load_erasures
    from stripe_pipeline.terminal.findings import print_findings
    from stripe_pipeline.terminal.summary_tables import print_summary

    # The consents of a forgotten customer were erased; writing them again would bring them back.
    forgotten = FORGOTTEN in load_erasures(Lake(home / "lake")).reasons.values()
    files = write_files(home, shop.customers, shop.seed, DEMO_NOW, with_consents=not forgotten)
    with demo_store(home) as values:
        settings = load_settings(values)
        import_consents(settings, files.consents)
        found = run_in_terminal(Home.of(settings), AsOf(DEMO_NOW))
        customer = print_summary(settings).example_customer
        print_findings(found)
        return customer


def _prepare_home(home: Path, shop: Shop) -> None:
    """Make the folder, or start it over when it mirrors another shop.

    Raises:
        UsageError: it holds something that isn't a demo's.
        PipelineError: it can't be made.
    """
    found = shop_of(home)
    if found is None and home.exists() and not (home.is_dir() and not any(home.iterdir())):
        raise UsageError(
            f"{home} holds something that isn't the demo's; name an empty folder with --home."
        )
    if found not in (None, shop):
        shutil.rmtree(home)
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PipelineError(
            f"{home} can't be made ({error.strerror}); name another folder with --home."
        ) from None
    with replacing(home / MARKER) as file:
        file.write(msgspec.json.encode(asdict(shop)))


def _print_next(customer: str | None) -> None:
    """The commands to try next; they find the demo's home by themselves."""
    command = "stripe-pipeline" if shutil.which("stripe-pipeline") else ".venv/bin/stripe-pipeline"
    typer.echo("\nNext:")
    typer.echo("  make ui      # the asset graph in Dagster, at http://127.0.0.1:3000")
    typer.echo("  make docs    # every table and column explained, at http://127.0.0.1:8080")
    typer.echo(f"  {command} profile {customer}")
