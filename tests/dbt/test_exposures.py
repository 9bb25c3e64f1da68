"""What dbt's docs say of who reads the marts is what really reads them."""

from pathlib import Path
from typing import Any

import pytest

from stripe_pipeline.activation.audience import Audience
from stripe_pipeline.activation.campaign import Campaign
from stripe_pipeline.activation.eligibility import deciding
from stripe_pipeline.activation.triggers import FACTS, trigger_of
from stripe_pipeline.profiles.explain import explanation
from stripe_pipeline.profiles.profile import find_customer
from stripe_pipeline.settings import Settings, load_settings
from stripe_pipeline.warehouse.publish import published_set
from stripe_pipeline.warehouse.readers import Marts

# Asked before anything is decided: a run that is late exports nothing.
ASKED_FOR_LATENESS = {"segment_moves"}

# A test of the definitions holds this list against Dagster's own.
ASSET_KEYS = Path(__file__).parents[1] / "defs" / "asset_keys.txt"

Exposures = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def settings(demo_home: Path) -> Settings:
    return load_settings(STRIPE_PIPELINE_HOME=demo_home)


@pytest.fixture(scope="module")
def exposures(manifest: dict[str, Any]) -> Exposures:
    return {exposure["name"]: exposure for exposure in manifest["exposures"].values()}


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The marts that a command reads, as it reads them."""
    names: set[str] = set()
    path = Marts.path

    def noting(self: Marts, mart: str) -> str:
        names.add(mart)
        return path(self, mart)

    monkeypatch.setattr(Marts, "path", noting)
    return names


def depends_on(exposure: dict[str, Any]) -> set[str]:
    return {node.rpartition(".")[2] for node in exposure["depends_on"]["nodes"]}


@pytest.fixture(scope="module")
def customer(settings: Settings) -> str:
    rows = Marts(settings).rows("segment_members", "from mart where segment = 'vip' limit 1")
    return str(rows[0]["stripe_customer_id"])


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_an_export_reads_what_its_exposure_says(
    settings: Settings, exposures: Exposures, channel: str
) -> None:
    triggered = [
        Campaign(
            "a", "", "live", Audience(None, "skip", trigger_of(fact)), "email", None, "text", {}
        )
        for fact in FACTS
    ]
    with deciding(settings, published_set(settings), triggered) as connection:
        views = connection.execute(
            "select view_name from duckdb_views() where not internal"
        ).fetchall()
    # A mart that may be published again meanwhile is read from the set that the export began with.
    read = {name.removeprefix("first_") for (name,) in views}
    assert depends_on(exposures[f"{channel}_export"]) == read | ASKED_FOR_LATENESS


def test_profile_reads_what_its_exposure_says(
    settings: Settings, exposures: Exposures, read: set[str], customer: str
) -> None:
    find_customer(settings, customer)
    assert read == depends_on(exposures["profile_command"])


def test_explain_reads_what_its_exposure_says(
    settings: Settings, exposures: Exposures, read: set[str], customer: str
) -> None:
    explanation(settings, "vip", customer)
    assert read == depends_on(exposures["explain_command"])


def test_every_export_asset_is_an_exposure_with_its_page(exposures: Exposures) -> None:
    keys = ASSET_KEYS.read_text().splitlines()
    exports = {key for key in keys if key.endswith("_export")}
    assert exports == {name for name in exposures if name.endswith("_export")}
    for name in exports:
        assert exposures[name]["url"].endswith(f"/assets/{name}")


def test_every_exposure_is_complete(exposures: Exposures) -> None:
    for exposure in exposures.values():
        assert len(exposure["description"]) > 60
        assert exposure["label"]
        assert exposure["owner"]["name"]
        assert depends_on(exposure)
