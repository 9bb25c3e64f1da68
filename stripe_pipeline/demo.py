"""The demo: the whole product on the built-in demo store, in a home folder of its own.

The store's present is a fixed instant, and so is the as-of instant of the demo's runs: the same
shop, the same figures and the same messages for everybody, whenever it is run.
"""

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec
import typer

from stripe_pipeline.clock import AsOf
from stripe_pipeline.demo_home import DEMO_NOW, MARKER, is_demo
from stripe_pipeline.disk_trouble import naming_the_disk
from stripe_pipeline.errors import PipelineError, UsageError
from stripe_pipeline.lake.durable import replacing
from stripe_pipeline.setting_values import home_path
from stripe_pipeline.settings import ENV_FILE_SETTING, PROJECT_ROOT, Settings, load_settings
from stripe_pipeline.surroundings import only_in_environment, without_settings

DEMO_HOME = PROJECT_ROOT / "var" / "demo"
DEMO_CUSTOMERS = 500
DEMO_SEED = 1
# The store is on this machine and has no allowance to spare.
_RATE_LIMIT = "1000"


@dataclass(frozen=True)
class Shop:
    """Which demo store a home folder mirrors."""

    customers: int
    seed: int


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
        with _demo_environment(home, url=""):
            # The run would do it anyway; now it happens while all else is loaded and the
            # store filled.
            background.submit(prepare_manifest, load_settings())
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
    from stripe_pipeline.commands.running import run_in_terminal
    from stripe_pipeline.demo_store.files import write_files
    from stripe_pipeline.lake import Lake
    from stripe_pipeline.lake.erasures import FORGOTTEN, load_erasures
    from stripe_pipeline.terminal.findings import print_findings
    from stripe_pipeline.terminal.summary_tables import print_summary

    # Whoever was forgotten has been taken out of the consents.
    forgotten = FORGOTTEN in load_erasures(Lake(home / "lake")).reasons.values()
    files = write_files(home, shop.customers, shop.seed, DEMO_NOW, with_consents=not forgotten)
    with demo_store(home):
        settings = load_settings()
        import_consents(settings, files.consents)
        found = run_in_terminal(settings, AsOf(DEMO_NOW))
        customer = print_summary(settings).example_customer
        print_findings(found)
        return customer


@contextmanager
def demo_store(home: Path) -> Iterator[None]:
    """Serve a home's demo store for the length of a block, in which the settings are the demo's.

    Raises:
        PipelineError: the folder is no demo's.
    """
    from stripe_pipeline.demo_store.build import build_store
    from stripe_pipeline.demo_store.server import serve

    shop = _shop(home)
    if shop is None:
        raise PipelineError(f"{home} is no demo's home folder; run `make demo` first.")
    with (
        build_store(shop.customers, shop.seed, DEMO_NOW) as store,
        serve(store) as url,
        _demo_environment(home, url),
    ):
        yield


def _demo_environment(home: Path, url: str) -> AbstractContextManager[None]:
    """Let nothing be set but what the demo sets, for the length of a block."""
    return only_in_environment({**without_settings(os.environ), **demo_settings(home, url)})


def demo_settings(home: Path, url: str) -> dict[str, str]:
    """Every setting by name, so that nothing of .env or the environment changes the demo."""
    from stripe_pipeline.demo_store.access import DEMO_KEY

    return {
        ENV_FILE_SETTING: os.devnull,
        "STRIPE_API_KEY": DEMO_KEY,
        "STRIPE_API_BASE": url,
        "STRIPE_PIPELINE_HOME": str(home),
        "STRIPE_PIPELINE_AS_OF": DEMO_NOW.isoformat(),
        "STRIPE_PIPELINE_REPORTING_CURRENCY": "usd",
        "STRIPE_PIPELINE_REPORTING_TIMEZONE": "UTC",
        **_shop_settings(home),
        "STRIPE_PIPELINE_RATE_LIMIT": _RATE_LIMIT,
        "STRIPE_PIPELINE_ORDER_SOURCES": "invoice,payment",
        "STRIPE_PIPELINE_CAMPAIGNS": str(PROJECT_ROOT / "campaigns"),
        "STRIPE_PIPELINE_LIVE_SENDS": "off",
    }


def _shop_settings(home: Path) -> dict[str, str]:
    """What the shop's owner would set: the files beside the account, and which metadata counts."""
    return {
        "STRIPE_PIPELINE_EXCHANGE_RATES": str(home / "exchange_rates.csv"),
        "STRIPE_PIPELINE_PERSON_METADATA_KEY": "crm_id",
        "STRIPE_PIPELINE_PERSON_OVERRIDES": str(home / "person_overrides.csv"),
        "STRIPE_PIPELINE_CUSTOMER_METADATA": "favourite,crm_id",
    }


def readers_settings() -> Settings:
    """The settings for commands that only look: without a key and a home, the demo's home.

    So `make ui`, `make docs` and `stripe-pipeline profile` show the demo right after it. As soon
    as a key or a home folder is set, or a run without them has left something, they don't.
    """
    settings = load_settings()
    chosen = settings.stripe_api_key is not None or "home" in settings.model_fields_set
    if chosen or settings.published.exists() or _shop(DEMO_HOME) is None:
        return settings
    typer.echo(f"Showing the demo's home folder {DEMO_HOME}.", err=True)
    # Without its key: the store itself isn't there.
    demo = {**demo_settings(DEMO_HOME, url=""), "STRIPE_API_KEY": ""}
    with only_in_environment({**without_settings(os.environ), **demo}):
        return load_settings()


def require_right_home(settings: Settings) -> None:
    """Keep real accounts out of the demo's home folder.

    Raises:
        UsageError: the home is a demo's, and the key isn't.
    """
    from stripe_pipeline.demo_store.access import DEMO_KEY

    key = settings.stripe_api_key
    if is_demo(settings.home) and (key is None or key.get_secret_value() != DEMO_KEY):
        raise UsageError(
            f"{settings.home} is the demo's home folder; name another in STRIPE_PIPELINE_HOME for "
            "your own account."
        )


def _prepare_home(home: Path, shop: Shop) -> None:
    """Make the folder, or start it over when it mirrors another shop.

    Raises:
        UsageError: it holds something that isn't a demo's.
        PipelineError: it can't be made.
    """
    found = _shop(home)
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


def _shop(home: Path) -> Shop | None:
    marker = home / MARKER
    if not marker.exists():
        return None
    try:
        return msgspec.json.decode(marker.read_bytes(), type=Shop)
    except (OSError, msgspec.MsgspecError):
        raise UsageError(
            f"{marker}, which says what the demo in this folder is of, can't be read; remove the "
            "folder and run `stripe-pipeline demo` again."
        ) from None


def _print_next(customer: str | None) -> None:
    """The commands to try next; they find the demo's home by themselves."""
    command = "stripe-pipeline" if shutil.which("stripe-pipeline") else ".venv/bin/stripe-pipeline"
    typer.echo("\nNext:")
    typer.echo("  make ui      # the asset graph in Dagster, at http://127.0.0.1:3000")
    typer.echo("  make docs    # every table and column explained, at http://127.0.0.1:8080")
    typer.echo(f"  {command} profile {customer}")
