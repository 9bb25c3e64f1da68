"""The demo's home folder: which demo store it mirrors, and the settings that go with it.

The store's present is a fixed instant, and so is the as-of instant of the demo's runs: the same
shop, the same figures and the same messages for everyone, whenever it is run.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import typer

from stripe_pipeline.errors import PipelineError, UsageError
from stripe_pipeline.process.environment import PROJECT_ROOT
from stripe_pipeline.settings import ENV_FILE_SETTING, Settings, load_settings
from stripe_pipeline.settings.demo_mark import DEMO_NOW, MARKER, is_demo

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


@contextmanager
def demo_store(home: Path) -> Iterator[dict[str, str]]:
    """Serve a home's demo store for the length of a block; yield the demo's settings by name.

    Raises:
        PipelineError: the folder isn't a demo's home.
    """
    from stripe_pipeline.demo.store.build import build_store
    from stripe_pipeline.demo.store.server import serve

    shop = shop_of(home)
    if shop is None:
        raise PipelineError(f"{home} is no demo's home folder; run `make demo` first.")
    with build_store(shop.customers, shop.seed, DEMO_NOW) as store, serve(store) as url:
        yield demo_settings(home, url)


def demo_settings(home: Path, url: str) -> dict[str, str]:
    """Return every setting by name, so that neither .env nor the environment changes the demo."""
    from stripe_pipeline.demo.store.access import DEMO_KEY

    return {
        ENV_FILE_SETTING: os.devnull,
        "STRIPE_API_KEY": DEMO_KEY,
        "STRIPE_API_BASE": url,
        "STRIPE_PIPELINE_HOME": str(home),
        "STRIPE_PIPELINE_AS_OF": DEMO_NOW.isoformat(),
        "STRIPE_PIPELINE_REPORTING_CURRENCY": "usd",
        "STRIPE_PIPELINE_REPORTING_TIMEZONE": "UTC",
        **_files_and_metadata(home),
        "STRIPE_PIPELINE_RATE_LIMIT": _RATE_LIMIT,
        "STRIPE_PIPELINE_ORDER_SOURCES": "invoice,payment",
        "STRIPE_PIPELINE_CAMPAIGNS": str(PROJECT_ROOT / "campaigns"),
        "STRIPE_PIPELINE_LIVE_SENDS": "off",
    }


def _files_and_metadata(home: Path) -> dict[str, str]:
    """What the shop's owner would set: the files beside the account, and which metadata counts."""
    return {
        "STRIPE_PIPELINE_EXCHANGE_RATES": str(home / "exchange_rates.csv"),
        "STRIPE_PIPELINE_PERSON_METADATA_KEY": "crm_id",
        "STRIPE_PIPELINE_PERSON_OVERRIDES": str(home / "person_overrides.csv"),
        "STRIPE_PIPELINE_CUSTOMER_METADATA": "favourite,crm_id",
    }


def readers_settings() -> Settings:
    """Return the settings of read-only commands: the demo's, where no key and no home are set.

    So `make ui`, `make docs` and `stripe-pipeline profile` show the demo right after it. They stop
    doing so once a key or a home folder is set, or a run without them has published anything.
    """
    settings = load_settings()
    chosen = settings.stripe_api_key is not None or "home" in settings.model_fields_set
    if chosen or settings.published.exists() or shop_of(DEMO_HOME) is None:
        return settings
    typer.echo(f"Showing the demo's home folder {DEMO_HOME}.", err=True)
    # Without its key: the store itself isn't there.
    return load_settings({**demo_settings(DEMO_HOME, url=""), "STRIPE_API_KEY": ""})


def require_right_home(settings: Settings) -> None:
    """Keep real accounts out of the demo's home folder.

    Raises:
        UsageError: the home is a demo's, but the key isn't the demo's.
    """
    from stripe_pipeline.demo.store.access import DEMO_KEY

    key = settings.stripe_api_key
    if is_demo(settings.home) and (key is None or key.get_secret_value() != DEMO_KEY):
        raise UsageError(
            f"{settings.home} is the demo's home folder; name another in STRIPE_PIPELINE_HOME for "
            "your own account."
        )


def shop_of(home: Path) -> Shop | None:
    """Return which demo store a home folder mirrors; None where it is no demo's.

    Raises:
        UsageError: its mark can't be read.
    """
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
