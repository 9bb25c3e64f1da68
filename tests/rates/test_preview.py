"""A preview computes in a folder of its own, and converts with the home's rates all the same."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.tables import ensure_tables
from stripe_pipeline.settings import Settings, load_settings
from stripe_pipeline.warehouse import scratch


def test_a_preview_reads_the_rates_of_the_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(STRIPE_PIPELINE_HOME=tmp_path / "home")
    ensure_tables(Lake(settings.lake))
    settings.own_rates.write_text("day,currency,rate\n2026-01-01,eur,1.1\n")
    read: list[Path | None] = []

    def compute(aside: Settings, as_of: datetime, models: Sequence[str]) -> None:
        read.append(aside.rates_file)

    monkeypatch.setattr(scratch, "compute", compute)
    monkeypatch.setattr(scratch, "copy_marts", lambda *_: None)
    monkeypatch.setattr(scratch, "require_synced", lambda _: None)
    with scratch.computed_aside(settings, datetime(2026, 11, 1, tzinfo=UTC), ["orders"]) as aside:
        assert aside.home != settings.home
    assert read == [settings.own_rates]
