"""Campaigns are checked against a small contract here, so that no dbt project is needed."""

from functools import partial
from pathlib import Path

import duckdb
import pytest

from stripe_pipeline.activation import campaigns
from stripe_pipeline.settings import Settings
from tests.activation.shop import CONTRACT, open_shop


@pytest.fixture(autouse=True)
def _contract(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaigns, "load_contract", lambda *_: CONTRACT)


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop has a handful of people: starting DuckDB's threads would cost more than its work."""
    monkeypatch.setattr(duckdb, "connect", partial(duckdb.connect, config={"threads": 1}))


@pytest.fixture
def shop(tmp_path: Path) -> Settings:
    """A home with one email and one sms campaign, and nothing published."""
    return open_shop(tmp_path / "home")
