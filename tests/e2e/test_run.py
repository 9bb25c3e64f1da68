"""`stripe-pipeline run` when something is missing, wrong, or has died: held, told, recovered."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from stripe_pipeline.demo.home import DEMO_CUSTOMERS, DEMO_SEED, demo_settings
from stripe_pipeline.demo.store.access import DEMO_KEY
from stripe_pipeline.demo.store.build import build_store
from stripe_pipeline.demo.store.server import Options, serve
from stripe_pipeline.demo.store.store import Store
from stripe_pipeline.orchestration.lost_runs import IN_PROCESS_TAG
from stripe_pipeline.orchestration.runs import JOB
from stripe_pipeline.settings import load_settings
from stripe_pipeline.settings.demo_mark import DEMO_NOW, MARKER
from stripe_pipeline.warehouse.readers import Marts

from ..conftest import run_cli

POOR_KEY = "rk_test_onlyTheFiveOfDailyStory00"
WRONG_KEY = "rk_test_notOfThisAccount0000000"
LACKING = {
    "charge_read", "credit_note_read", "dispute_read", "checkout_session_read", "product_read",
    "plan_read", "promotion_code_read", "event_read",
}  # fmt: skip
Settings = dict[str, str]


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with build_store(DEMO_CUSTOMERS, DEMO_SEED, DEMO_NOW) as built:
        yield built


@pytest.fixture(scope="module")
def url(store: Store) -> Iterator[str]:
    options = Options(keys={DEMO_KEY: frozenset(), POOR_KEY: frozenset(LACKING)})
    with serve(store, options) as address:
        yield address


@pytest.fixture
def settings_of(url: str) -> Callable[[Path], Settings]:
    return lambda home: demo_settings(home, url)


@dg.op
def nothing() -> None:
    """Stands for a step."""


@dg.job(name=JOB)
def a_job() -> None:
    nothing()


@pytest.fixture
def home(demo_home: Path, tmp_path: Path) -> Path:
    """A copy of the demo's home folder that counts as a user's own."""
    copy = tmp_path / "home"
    shutil.copytree(demo_home, copy, symlinks=True)
    (copy / MARKER).unlink()
    return copy


@pytest.fixture
def new_home(demo_home: Path, tmp_path: Path) -> Path:
    """A home folder with nothing in it but the files that the shop's settings name."""
    made = tmp_path / "home"
    made.mkdir()
    for name in ("exchange_rates.csv", "person_overrides.csv"):
        shutil.copy(demo_home / name, made)
    return made


@pytest.mark.slow
def test_missing_rates_are_named_and_hold_what_needs_them_alone(
    home: Path, settings_of: Callable[[Path], Settings], tmp_path: Path
) -> None:
    published, exports = (home / "published").resolve(), files_below(home / "exports")
    rates = home / "exchange_rates.csv"
    before = _stays(home)
    rates.write_text(_without_yen(rates.read_text()))
    done = run_cli("run", folder=tmp_path, settings=settings_of(home))
    assert done.returncode == 0, done.stderr
    sentence = next(line for line in done.stderr.splitlines() if "rates template" in line)
    assert "jpy on " in sentence
    assert "eur" not in sentence
    assert (home / "published").resolve() != published
    unknown = Marts(load_settings(STRIPE_PIPELINE_HOME=home)).rows(
        "customer_profiles", "select count(*) as rows from mart where stripe_total_sales is null"
    )
    assert unknown[0]["rows"] > 0
    assert _stays(home) == before
    assert files_below(home / "exports") == exports


@pytest.mark.slow
def test_rates_that_come_later_change_nothing_that_was_sent(
    home: Path, settings_of: Callable[[Path], Settings], tmp_path: Path
) -> None:
    exports, before = files_below(home / "exports"), _stays(home)
    rates = home / "exchange_rates.csv"
    complete = rates.read_text()
    for given in (_without_yen(complete), complete):
        rates.write_text(given)
        done = run_cli("run", folder=tmp_path, settings=settings_of(home))
        assert done.returncode == 0, done.stderr
        assert _stays(home) == before
        assert files_below(home / "exports") == exports


def _without_yen(rates: str) -> str:
    return "".join(line for line in rates.splitlines(True) if ",jpy," not in line)


def _stays(home: Path) -> list[dict[str, object]]:
    marts = Marts(load_settings(STRIPE_PIPELINE_HOME=home))
    return marts.rows("segment_history", "from mart order by all")


@pytest.mark.slow
def test_a_key_with_five_permissions_is_enough_and_says_what_it_lacks(
    settings_of: Callable[[Path], Settings], new_home: Path, tmp_path: Path
) -> None:
    settings = {**settings_of(new_home), "STRIPE_API_KEY": POOR_KEY}
    checked = run_cli("check", folder=tmp_path, settings=settings)
    assert checked.returncode == 0, checked.stderr
    assert checked.stdout.count("│ no ") == 9
    done = run_cli("run", folder=tmp_path, settings=settings)
    assert done.returncode == 0, done.stderr
    assert "charge_read" in done.stderr
    profile = Marts(load_settings(STRIPE_PIPELINE_HOME=new_home)).rows(
        "customer_profiles", "from mart order by stripe_total_orders desc limit 1"
    )[0]
    assert profile["stripe_total_orders"] > 0
    assert profile["stripe_abandoned_checkout_at"] is None
    with instance_of(new_home) as instance:
        key = dg.AssetCheckKey(dg.AssetKey(["stripe", "charges"]), "readable")
        found = instance.event_log_storage.get_latest_asset_check_execution_by_key([key])[key]
    assert found.evaluation is not None
    assert found.evaluation.severity == dg.AssetCheckSeverity.WARN
    assert found.evaluation.metadata["missing_permission"].value == "charge_read"


def test_a_wrong_key(
    settings_of: Callable[[Path], Settings], new_home: Path, tmp_path: Path
) -> None:
    settings = {**settings_of(new_home), "STRIPE_API_KEY": WRONG_KEY}
    for command in ("check", "run"):
        done = run_cli(command, folder=tmp_path, settings=settings)
        assert done.returncode == 1
        assert done.stdout == ""
        assert "STRIPE_API_KEY" in done.stderr.splitlines()[-1]
        assert WRONG_KEY not in done.stderr
    assert not list((new_home / "lake").glob("*/*.parquet"))


def test_a_live_key_in_a_test_home(
    home: Path, settings_of: Callable[[Path], Settings], tmp_path: Path
) -> None:
    before = files_below(home)
    settings = {**settings_of(home), "STRIPE_API_KEY": "rk_live_51Habcdefghijkl"}
    done = run_cli("run", folder=tmp_path, settings=settings)
    assert (done.returncode, done.stdout) == (2, "")
    assert "test data" in done.stderr
    assert "STRIPE_PIPELINE_HOME" in done.stderr
    assert files_below(home) == before


def test_a_real_key_in_the_demos_home(
    demo_home: Path, settings_of: Callable[[Path], Settings], tmp_path: Path
) -> None:
    settings = {**settings_of(demo_home), "STRIPE_API_KEY": "rk_test_51Habcdefghijkl"}
    done = run_cli("run", folder=tmp_path, settings=settings)
    assert done.returncode == 2
    assert "demo" in done.stderr


@pytest.mark.slow
def test_a_run_that_was_killed_does_not_stop_the_next(
    home: Path, settings_of: Callable[[Path], Settings], tmp_path: Path
) -> None:
    """Its place in the pool `duckdb` would stay taken for good."""
    with instance_of(home) as instance:
        run = instance.create_run_for_job(
            a_job, status=dg.DagsterRunStatus.STARTED, tags={IN_PROCESS_TAG: "true"}
        )
        for pool in ("duckdb", "lake"):
            claim = instance.event_log_storage.claim_concurrency_slot(pool, run.run_id, "dbt")
            assert claim.is_claimed
    done = run_cli("run", folder=tmp_path, settings=settings_of(home))
    assert done.returncode == 0, done.stderr
    with instance_of(home) as instance:
        dead = instance.get_run_by_id(run.run_id)
    assert dead is not None
    assert dead.status == dg.DagsterRunStatus.FAILURE


def test_a_sync_refreshes_the_raw_tables_alone(
    home: Path, settings_of: Callable[[Path], Settings], tmp_path: Path
) -> None:
    published = (home / "published").resolve()
    done = run_cli("sync", "--full", folder=tmp_path, settings=settings_of(home))
    assert done.returncode == 0, done.stderr
    assert (home / "published").resolve() == published
    with instance_of(home) as instance:
        run = instance.get_runs(limit=1)[0]
    assert run.asset_selection is not None
    assert {key.path[0] for key in run.asset_selection} >= {"stripe", "raw", "staging"}
    assert "marts" not in {key.path[0] for key in run.asset_selection}


@pytest.mark.slow
def test_a_sync_may_come_before_any_run(
    settings_of: Callable[[Path], Settings], new_home: Path, tmp_path: Path
) -> None:
    """No test of a mart, which isn't there yet, holds it up."""
    done = run_cli("sync", folder=tmp_path, settings=settings_of(new_home))
    assert done.returncode == 0, done.stderr


def test_nothing_personal_and_no_key_in_the_run_history(demo_home: Path) -> None:
    marts = Marts(load_settings(STRIPE_PIPELINE_HOME=demo_home))
    query = "select distinct email as value from mart union select distinct phone from mart"
    secrets = {row["value"] for row in marts.rows("customer_profiles", query)} - {None}
    secrets |= {DEMO_KEY}
    assert len(secrets) > DEMO_CUSTOMERS / 2
    history = "\n".join(stored_text(path) for path in (demo_home / "dagster").rglob("*.db"))
    logs = "\n".join(
        path.read_text(errors="replace")
        for path in (demo_home / "dagster").rglob("*")
        if path.is_file() and path.suffix in (".log", ".out", ".err", "")
    )
    assert "stripe/customers" in history or '"customers"' in history
    assert sorted(secret for secret in secrets if secret in history or secret in logs) == []


def stored_text(path: Path) -> str:
    """All rows of all tables of an SQLite file, as text."""
    with sqlite3.connect(path) as database:
        return "\n".join(database.iterdump())


def instance_of(home: Path) -> dg.DagsterInstance:
    return dg.DagsterInstance.from_config(str(home / "dagster"))


def files_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
