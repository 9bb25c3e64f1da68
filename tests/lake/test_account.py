"""Which account a lake mirrors, by what its batches say."""

from pathlib import Path

import pytest

from stripe_pipeline.home import Home
from stripe_pipeline.lake import Lake, object_table
from stripe_pipeline.lake.account import MirroredAccount
from stripe_pipeline.settings import load_settings

from .test_compact import row


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.of(load_settings(_env_file=None, STRIPE_PIPELINE_HOME=tmp_path / "shop"))


def append(home: Home, table: str, cursor: dict[str, object]) -> Path:
    return Lake(home.settings.lake).append(table, object_table([row("a", "1")]), cursor).path


def test_a_home_that_nothing_was_synced_into_mirrors_none(home: Home) -> None:
    assert home.account is None
    append(home, "consent_entries", {})
    assert home.account is None


@pytest.mark.parametrize(("livemode", "mode"), [(True, "live"), (False, "test")])
def test_the_mode_is_that_of_the_objects(home: Home, livemode: bool, mode: str) -> None:
    append(home, "customers", {"livemode": livemode})
    assert home.account == MirroredAccount(mode)
    assert home.account.livemode is livemode


def test_a_damaged_batch_says_nothing(home: Home) -> None:
    append(home, "customers", {"livemode": True})
    append(home, "customers", {"livemode": True}).write_bytes(b"PAR1 torn")
    assert home.account == MirroredAccount("live")
