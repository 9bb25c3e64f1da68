"""`stripe-pipeline reconcile` on a finished demo: drift holds what goes out until none is found."""

import json
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from stripe_pipeline.demo.home import DEMO_CUSTOMERS, DEMO_SEED, demo_settings
from stripe_pipeline.demo.store.build import build_store
from stripe_pipeline.demo.store.server import Options, serve
from stripe_pipeline.errors import PipelineError
from stripe_pipeline.home import Home
from stripe_pipeline.settings import load_settings
from stripe_pipeline.settings.demo_mark import DEMO_NOW

from ..conftest import run_cli

pytestmark = pytest.mark.slow

Settings = dict[str, str]
LOST = dg.AssetKey(["stripe", "refunds"])


@pytest.fixture(scope="module")
def asked() -> list[str]:
    """Every path that Stripe was asked for."""
    return []


@pytest.fixture(scope="module")
def settings(
    asked: list[str], demo_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """A copy of the demo's home, and its store."""
    home = tmp_path_factory.mktemp("reconcile") / "home"
    shutil.copytree(demo_home, home, symlinks=True)
    options = Options(requests=asked)
    with (
        build_store(DEMO_CUSTOMERS, DEMO_SEED, DEMO_NOW) as store,
        serve(store, options) as url,
    ):
        yield demo_settings(home, url)


def reconciled(settings: Settings, folder: Path) -> dict[str, Any]:
    done = run_cli("reconcile", "--json", folder=folder, settings=settings)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def latest_check(settings: Settings) -> dg.AssetCheckEvaluation:
    """What Dagster shows of the resource that was tampered with."""
    folder = str(Path(settings["STRIPE_PIPELINE_HOME"]) / "dagster")
    key = dg.AssetCheckKey(LOST, "reconcile_drift")
    with dg.DagsterInstance.from_config(folder) as instance:
        storage = instance.event_log_storage
        record = storage.get_latest_asset_check_execution_by_key([key])[key]
    assert record.evaluation is not None
    return record.evaluation


def sent(settings: Settings) -> tuple[Path, set[Path]]:
    """What is published and exported."""
    home = Path(settings["STRIPE_PIPELINE_HOME"])
    return (home / "published").resolve(), set((home / "exports").glob("*/*"))


def test_drift_holds_the_sends_until_a_clean_comparison(
    settings: Settings, asked: list[str], tmp_path: Path
) -> None:
    shutil.rmtree(Path(settings["STRIPE_PIPELINE_HOME"]) / "lake" / "refunds")
    before = sent(settings)
    found = reconciled(settings, tmp_path)
    drifted = {each["resource"]: each["missing"] for each in found["resources"] if each["drift"]}
    assert list(drifted) == ["refunds"]
    assert found["drift"] == drifted["refunds"] > 0
    check = latest_check(settings)
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert check.metadata["missing"].value == drifted["refunds"]

    asked.clear()
    held = run_cli("run", folder=tmp_path, settings=settings)
    assert held.returncode == 1
    sentence = held.stderr.splitlines()[-1]
    assert f"(refunds: {drifted['refunds']} missing)" in sentence
    assert "run `stripe-pipeline reconcile` again" in sentence
    assert "Traceback" not in held.stderr
    assert sent(settings) == before
    # An hourly run judges by the newest comparison and makes none.
    assert len(asked) < 30

    # In Dagster no one gets around it either: an export alone is held as well.
    with pytest.raises(PipelineError, match="refunds: "):
        materialize(settings, "email_export")

    clean = run_cli("reconcile", folder=tmp_path, settings=settings)
    assert clean.returncode == 0, clean.stderr
    lines = clean.stdout.splitlines()
    assert lines[0].startswith("customers: ")
    assert lines[0].endswith(" compared")
    assert lines[-1].startswith("No drift: the lake has ")
    assert "Comparing everything" in clean.stderr
    assert latest_check(settings).passed
    materialize(settings, "published", "email_export")
    assert sent(settings)[0] != before[0]


def materialize(settings: Settings, *keys: str) -> None:
    """Materialize assets as the button in Dagster does, in this process."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "sqlglotrs is deprecated", DeprecationWarning)
        from stripe_pipeline.definitions import definitions_of

    with dg.DagsterInstance.ephemeral() as instance:
        definitions = definitions_of(Home.of(load_settings(settings)))
        definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=instance, asset_selection=[dg.AssetKey(key) for key in keys]
        )


def test_without_a_key(settings: Settings, tmp_path: Path) -> None:
    done = run_cli(
        "reconcile", folder=tmp_path, settings={"STRIPE_PIPELINE_HOME": str(tmp_path / "home")}
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "STRIPE_API_KEY is not set" in done.stderr
