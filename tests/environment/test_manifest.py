"""dbt's manifest: one for every home and setting, and made again when it can't be read."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from stripe_pipeline.files.removing import remove
from stripe_pipeline.settings import load_settings
from stripe_pipeline.warehouse import manifest as module
from stripe_pipeline.warehouse.manifest import prepare_manifest
from tests.variants import variants


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:50_000])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _garbage(path: Path) -> None:
    path.write_bytes(b"\xff\x00garbage")


def _folder(path: Path) -> None:
    remove(path)
    path.mkdir()
    (path / "file").touch()


DAMAGES = (_cut, _empty, _garbage, _folder)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that is the prepared one for the others, as `make setup` leaves it."""
    home = tmp_path_factory.mktemp("prepared")
    prepare_manifest(load_settings(_env_file=None, STRIPE_PIPELINE_HOME=home))
    return home


@pytest.mark.parametrize("damage", DAMAGES)
@variants("name", ["manifest.json", "manifest.stamp"])
def test_a_damaged_manifest_is_made_again(
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    damage: Callable[[Path], None],
    name: str,
) -> None:
    monkeypatch.setattr(module, "PREPARED", home / "dbt")
    settings = load_settings(STRIPE_PIPELINE_HOME=tmp_path / "shop [live]")
    whole = prepare_manifest(settings).read_bytes()
    damage(settings.home / "dbt" / name)
    assert prepare_manifest(settings).read_bytes() == whole
    assert json.loads(whole)["nodes"]


def test_what_is_parsed_serves_every_home_and_setting(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PREPARED", home / "dbt")
    monkeypatch.setattr(module, "_failure", lambda settings: pytest.fail("parsed once more"))
    for currency in ("usd", "eur"):
        settings = load_settings(
            STRIPE_PIPELINE_HOME=tmp_path / currency,
            STRIPE_PIPELINE_REPORTING_CURRENCY=currency,
            STRIPE_PIPELINE_EXCHANGE_RATES=tmp_path / "rates.csv",
        )
        assert prepare_manifest(settings).read_bytes() == (home / "dbt/manifest.json").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGES)
def test_what_dbt_keeps_is_made_again(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: Callable[[Path], None]
) -> None:
    settings = load_settings(STRIPE_PIPELINE_HOME=tmp_path)
    monkeypatch.setattr(module, "PREPARED", home / "dbt")
    prepare_manifest(settings)
    monkeypatch.setattr(module, "PREPARED", tmp_path / "none")
    damage(tmp_path / "dbt/target/partial_parse.msgpack")
    (tmp_path / "dbt/manifest.stamp").unlink()
    assert json.loads(prepare_manifest(settings).read_text())["nodes"]
