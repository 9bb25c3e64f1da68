"""An instant later than now is refused, whatever names it; an offset is converted; now is now."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import dagster as dg
import pytest
from typer.testing import CliRunner

from stripe_pipeline.cli.commands.app import app
from stripe_pipeline.cli.commands.previewing import instant_of
from stripe_pipeline.errors import UsageError
from stripe_pipeline.home import Home
from stripe_pipeline.orchestration.runs import AS_OF_TAG, NOW, SOURCE_TAG, as_of_of
from stripe_pipeline.settings import Settings, clock, load_settings
from stripe_pipeline.settings.clock import AS_OF_SETTING, AsOf, as_of_or_now, chosen_as_of, present
from stripe_pipeline.settings.demo_mark import DEMO_NOW, MARKER

KEY = "rk_test_51Habcdefghijkl"
# The clocks change in the night to 2026-03-29 in Berlin and on 2026-03-08 in New York.
ZONES = ("UTC", "Europe/Berlin", "America/New_York")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(STRIPE_PIPELINE_HOME=tmp_path / "home")


def _in(**later: float) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(**later)


@pytest.mark.parametrize("later", [{"minutes": 1}, {"hours": 5}, {"days": 400}])
def test_run_refuses_the_future(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, later: dict[str, float]
) -> None:
    monkeypatch.setenv("STRIPE_API_KEY", KEY)
    monkeypatch.setenv("STRIPE_PIPELINE_HOME", str(tmp_path / "home"))
    instant = _in(**later)
    result = CliRunner().invoke(app, ["run", "--as-of", instant.isoformat()])
    assert isinstance(result.exception, UsageError)
    assert result.exception.exit_code == 2
    said = str(result.exception)
    assert said.startswith("--as-of is ")
    assert "later than now" in said
    assert f"stripe-pipeline preview --on {instant:%Y-%m-%dT%H:%M:%SZ}" in said
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("command", ["run", "sync"])
def test_the_setting_may_not_be_of_the_future_either(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    monkeypatch.setenv("STRIPE_API_KEY", KEY)
    monkeypatch.setenv("STRIPE_PIPELINE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv(AS_OF_SETTING, _in(days=2).isoformat())
    result = CliRunner().invoke(app, [command])
    assert isinstance(result.exception, UsageError)
    assert str(result.exception).startswith(f"{AS_OF_SETTING} is ")


def test_a_dotenv_of_the_future_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(f"{AS_OF_SETTING}={_in(days=2).isoformat()}\n")
    settings = load_settings(_env_file=file, STRIPE_PIPELINE_HOME=tmp_path / "home")
    with pytest.raises(UsageError, match=f"^{AS_OF_SETTING} is "):
        chosen_as_of(settings)


def test_an_option_wins_over_a_setting_of_the_future(settings: Settings) -> None:
    later = settings.model_copy(update={"as_of": _in(days=2)})
    assert chosen_as_of(later, "2026-01-31") == AsOf(datetime(2026, 1, 31, tzinfo=UTC), "--as-of")


def test_clocks_may_differ_by_seconds(settings: Settings) -> None:
    assert chosen_as_of(settings, _in(seconds=3).isoformat()).source == "--as-of"
    with pytest.raises(UsageError):
        chosen_as_of(settings, _in(seconds=30).isoformat())


@pytest.mark.parametrize("hours", [-11, -5, 0, 2, 5.75, 13])
def test_an_offset_is_converted_before_it_is_compared(settings: Settings, hours: float) -> None:
    zone = timezone(timedelta(hours=hours))
    past, future = (_in(minutes=minutes).astimezone(zone) for minutes in (-5, 5))
    assert chosen_as_of(settings, past.isoformat()).instant == past
    assert chosen_as_of(settings, past.isoformat()).instant.tzinfo is UTC
    with pytest.raises(UsageError):
        chosen_as_of(settings, future.isoformat())


def test_now_is_in_whole_seconds_and_named_by_no_one(settings: Settings) -> None:
    as_of = chosen_as_of(settings)
    assert (as_of.source, as_of.instant.microsecond) == ("", 0)
    assert abs(as_of.instant - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_demo_has_a_present_of_its_own(settings: Settings) -> None:
    settings.home.mkdir()
    (settings.home / MARKER).write_text("{}")
    assert present(settings) == DEMO_NOW
    assert chosen_as_of(settings).instant == DEMO_NOW
    with pytest.raises(UsageError):
        chosen_as_of(settings, (DEMO_NOW + timedelta(days=1)).isoformat())


def test_an_erasure_does_not_wait_for_a_wrong_setting(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    later = settings.model_copy(update={"as_of": _in(days=2)})
    assert abs(as_of_or_now(later) - datetime.now(UTC)) < timedelta(seconds=5)
    assert "Computed for now instead" in caplog.text
    earlier = settings.model_copy(update={"as_of": _in(days=-2)})
    assert as_of_or_now(earlier) == earlier.as_of


@dg.op
def nothing() -> None:
    """Stands for a step."""


@dg.job
def a_job() -> None:
    nothing()


def _of_a_run(settings: Settings, tags: dict[str, str]) -> AsOf:
    with dg.DagsterInstance.ephemeral() as instance:
        return as_of_of(instance, instance.create_run_for_job(a_job, tags=tags), settings)


def test_a_run_of_dagsters_is_as_of_its_tag(settings: Settings) -> None:
    # An instant without a zone is UTC, whatever the zone of this machine.
    assert _of_a_run(settings, {AS_OF_TAG: "2026-01-31T09:30:00"}) == AsOf(
        datetime(2026, 1, 31, 9, 30, tzinfo=UTC), f"the run's tag {AS_OF_TAG}"
    )
    told = {AS_OF_TAG: "2026-01-31T09:30:00+02:00", SOURCE_TAG: "--as-of"}
    assert _of_a_run(settings, told) == AsOf(datetime(2026, 1, 31, 7, 30, tzinfo=UTC), "--as-of")
    assert _of_a_run(settings, {**told, SOURCE_TAG: NOW}).source == ""


@pytest.mark.parametrize("tag", ["2099-01-01", "9999-01-01", "tomorrow"])
def test_a_tag_that_cannot_be_used_fails_the_run(settings: Settings, tag: str) -> None:
    with pytest.raises(UsageError, match=f"^The run's tag {AS_OF_TAG}"):
        _of_a_run(settings, {AS_OF_TAG: tag})


def test_a_run_of_dagsters_without_a_tag(settings: Settings) -> None:
    later = settings.model_copy(update={"as_of": _in(days=2)})
    with pytest.raises(UsageError, match=f"^{AS_OF_SETTING} is "):
        _of_a_run(later, {})
    before = _in(days=-2)
    earlier = settings.model_copy(update={"as_of": before})
    assert _of_a_run(earlier, {}) == AsOf(before, AS_OF_SETTING)
    assert _of_a_run(settings, {}).source == ""


@pytest.mark.parametrize("zone", ZONES)
def test_a_day_is_asked_about_as_its_end_in_the_reporting_zone(zone: str) -> None:
    settings = load_settings(STRIPE_PIPELINE_REPORTING_TIMEZONE=zone)
    for day in ("2026-03-08", "2026-03-29", "2026-10-25", "2027-01-31"):
        instant = instant_of(day, Home.of(settings))
        local = instant.astimezone(settings.zone)
        assert (f"{local:%Y-%m-%d}", f"{local:%H:%M:%S}") == (day, "23:59:59")


def test_an_instant_is_asked_about_as_it_is(settings: Settings) -> None:
    asked = instant_of("2027-01-31T09:30:00+01:00", Home.of(settings))
    assert asked == datetime(2027, 1, 31, 8, 30, tzinfo=UTC)
    assert abs(instant_of(None, Home.of(settings)) - datetime.now(UTC)) < timedelta(seconds=5)
    for wrong in ("", "soon", "2027-02-30", "9999-12-31"):
        with pytest.raises(UsageError, match=r"^--on can't be used"):
            instant_of(wrong, Home.of(settings))


def test_the_refusal_fits_every_source() -> None:
    settings = load_settings()
    for source, begin in (("", "The as-of instant is"), ("--as-of", "--as-of is")):
        with pytest.raises(UsageError, match=f"^{begin}"):
            clock.not_later_than_now(AsOf(_in(days=1), source), settings)
