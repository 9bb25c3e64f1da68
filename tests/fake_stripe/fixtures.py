"""An account to read, a home to read it into, and little patience: tests' folders import these."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.http import retries
from tests.fake_stripe.server import Account, serving
from tests.fake_stripe.shop import stock

KEY = "rk_test_51abcdefghijklmnop"


@pytest.fixture
def account() -> Account:
    """An empty account."""
    return Account()


@pytest.fixture
def base(account: Account) -> Iterator[str]:
    """The address at which the account is served."""
    with serving(account) as address:
        yield address


@pytest.fixture
def make_settings(base: str, tmp_path: Path) -> Callable[..., Settings]:
    """Build settings of the account's; keyword arguments replace the usual ones."""

    def make(**overrides: Any) -> Settings:
        usual: dict[str, Any] = {
            "stripe_api_key": KEY,
            "stripe_api_base": base,
            "STRIPE_PIPELINE_HOME": tmp_path / "home",
            "STRIPE_PIPELINE_RATE_LIMIT": 10_000,
        }
        return Settings(**(usual | overrides))

    return make


@pytest.fixture
def settings(make_settings: Callable[..., Settings]) -> Settings:
    """The usual settings."""
    return make_settings()


@pytest.fixture
def lake(settings: Settings) -> Lake:
    """The lake of the usual home."""
    return Lake(settings.lake)


@pytest.fixture
def synced(account: Account, settings: Settings) -> Account:
    """The account with a shop in it, after a first sync of it."""
    stock(account, 30)
    sync(settings)
    account.requests.clear()
    return account


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a hundredth as long between attempts."""
    monkeypatch.setattr(
        retries, "PATIENCE", retries.RetryPolicy(first_wait=0.002, longest_wait=0.1)
    )
