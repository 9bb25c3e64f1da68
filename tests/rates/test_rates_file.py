"""The file of rates grows by what is missing and by the bank's, and loses nothing of a person's."""

import json
import os
import stat
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from stripe_pipeline.cli.commands import rates
from stripe_pipeline.cli.commands.app import app
from stripe_pipeline.errors import PipelineError, UsageError
from stripe_pipeline.inputs import exchange_rates
from stripe_pipeline.inputs.exchange_rates import check_exchange_rates
from stripe_pipeline.rates.importing import import_rates
from stripe_pipeline.rates.template import write_template
from stripe_pipeline.settings import Settings, load_settings

from .ecb_files import DAILY, write

HEADER = "day,currency,rate\n"
TODAY = date(2026, 11, 29)
MISSING = [
    ("eur", date(2026, 11, 25), 1), ("eur", date(2026, 11, 28), 2), ("isk", date(2017, 5, 1), 1),
    ("aed", date(2026, 11, 2), 3), ("aed", date(2026, 11, 1), 1),
]  # fmt: skip


def published(home: Path, missing: list[tuple[str, date, int]], sold: tuple[str, ...] = ()) -> None:
    """Publish what an import and a template look at."""
    folder = home / "published"
    folder.mkdir(parents=True, exist_ok=True)
    tables = {
        "run_clock": "create table t as select ?::timestamp as as_of, 'usd' as reporting_currency",
        "missing_exchange_rates": "create table t (currency text, day date, facts bigint)",
        "sales_facts": "create table t (currency text)",
    }
    rows: dict[str, list[Any]] = {
        "missing_exchange_rates": missing, "sales_facts": [(code,) for code in sold],
    }  # fmt: skip
    for name, statement in tables.items():
        with duckdb.connect() as connection:
            connection.execute(
                statement, [datetime(2026, 11, 29, 9, tzinfo=UTC)] if "?" in statement else []
            )
            for row in rows.get(name, []):
                marks = ", ".join("?" * len(row))
                connection.execute(f"insert into t values ({marks})", list(row))
            connection.execute(f"copy t to '{folder / name}.parquet'")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home with missing rates, and a project without any of its own."""
    monkeypatch.setattr(exchange_rates, "SEED", tmp_path / "seed.csv")
    exchange_rates.SEED.write_text(HEADER)
    published(tmp_path / "home", MISSING)
    return load_settings(STRIPE_PIPELINE_HOME=tmp_path / "home")


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines()[1:]


def test_a_template_has_exactly_the_missing_lines(settings: Settings) -> None:
    report = write_template(settings)
    assert report.file == settings.own_rates == settings.rates_file
    assert (report.missing, len(report.open), report.added) == (5, 5, 5)
    assert settings.own_rates.read_text() == HEADER + (
        "2026-11-01,aed,\n2026-11-02,aed,\n2026-11-25,eur,\n2026-11-28,eur,\n2017-05-01,isk,\n"
    )
    assert stat.S_IMODE(settings.own_rates.stat().st_mode) == 0o600
    assert write_template(settings).added == 0
    checked = check_exchange_rates(settings)
    assert checked is not None
    assert (len(checked.lines), checked.empty()) == (5, 5)


def test_what_a_person_filled_in_stays(settings: Settings) -> None:
    mine = HEADER + "2026-11-20, EUR ,01.080\n2026-11-02,aed,\n\n2027-01-01,isk,0.008\n"
    settings.own_rates.write_text(mine)
    settings.own_rates.chmod(0o640)
    report = write_template(settings)
    # A rate holds on later days; one line is there already; a later rate says nothing.
    assert [(row["currency"], str(row["day"])) for row in report.open] == [
        ("aed", "2026-11-01"), ("aed", "2026-11-02"), ("isk", "2017-05-01"),
    ]  # fmt: skip
    assert lines(settings.own_rates) == [
        "2026-11-20,eur,01.080", "2026-11-02,aed,", "2027-01-01,isk,0.008",
        "2026-11-01,aed,", "2017-05-01,isk,",
    ]  # fmt: skip
    assert stat.S_IMODE(settings.own_rates.stat().st_mode) == 0o640


def test_a_currency_without_a_code_is_named_and_not_written(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    published(settings.home, [*MISSING[:1], ("usdc", date(2026, 11, 2), 1)])
    run(settings, monkeypatch, "rates", "template")
    assert lines(settings.own_rates) == ["2026-11-25,eur,"]
    assert "No rate can be given of usdc" in capsys.readouterr().out
    assert check_exchange_rates(settings) is not None


def test_nothing_is_missing_or_nothing_published(settings: Settings, tmp_path: Path) -> None:
    published(settings.home, [])
    assert write_template(settings).missing == 0
    assert not settings.own_rates.exists()
    with pytest.raises(PipelineError, match="Nothing is published"):
        write_template(load_settings(STRIPE_PIPELINE_HOME=tmp_path / "new"))
    elsewhere = load_settings(
        STRIPE_PIPELINE_HOME=settings.home, STRIPE_PIPELINE_REPORTING_CURRENCY="eur"
    )
    with pytest.raises(UsageError, match="is in usd, and the setting"):
        write_template(elsewhere)


def test_the_bank_s_rates_go_into_the_file_that_runs_read(settings: Settings) -> None:
    write_template(settings)
    source = write(settings.home / "eurofxref-hist.zip")
    report = import_rates(settings, source, TODAY)
    assert report.file == settings.own_rates
    assert (report.first_day, report.last_day, report.days) == (
        date(1999, 1, 4), date(2026, 11, 27), 5,
    )  # fmt: skip
    # 20 quotes, of which 5 are of usd; and 5 of eur itself.
    assert (report.added, report.filled, report.removed, report.kept) == (20, 0, 2, [])
    assert [str(gap) for gap in report.unpublished] == [
        "aed on 2 days from 2026-11-01 to 2026-11-02",
    ]  # fmt: skip
    assert [(str(gap), first) for gap, first in report.before] == [
        ("isk on 2017-05-01", date(2018, 2, 1)),
    ]  # fmt: skip
    assert report.ended == {}
    assert (report.missing, report.found) == (5, 2)
    found = lines(settings.own_rates)
    assert found[:4] == [
        "2026-11-01,aed,", "2026-11-02,aed,", "2017-05-01,isk,", "1999-01-04,eur,1.1789",
    ]  # fmt: skip
    assert "2026-11-26,gbp,1.25" in found
    assert check_exchange_rates(settings) is not None

    before = settings.own_rates.stat()
    again = import_rates(settings, source, TODAY)
    assert (again.added, again.filled, again.removed) == (0, 0, 0)
    assert (again.missing, again.found) == (3, 0)
    assert settings.own_rates.stat() == before


def test_a_rate_of_a_person_s_own_stays_and_an_empty_line_is_filled(settings: Settings) -> None:
    settings.own_rates.write_text(
        HEADER + "2026-11-27,eur,1.5\n2026-11-27,gbp,\n2026-11-26,eur,1.0500\n2026-11-27,aed,0.27\n"
    )
    report = import_rates(settings, write(settings.home / "rates.csv", DAILY), TODAY)
    assert (report.added, report.filled) == (1, 1)
    assert report.kept == [("2026-11-27", "eur")]
    assert lines(settings.own_rates) == [
        "2026-11-27,eur,1.5", "2026-11-27,gbp,1.250861966472476519", "2026-11-26,eur,1.0500",
        "2026-11-27,aed,0.27", "2026-11-27,jpy,0.006447481308983944",
    ]  # fmt: skip


def test_a_currency_that_the_bank_gave_up_is_named(settings: Settings) -> None:
    published(settings.home, [], sold=("rub", "gbp", "usd"))
    report = import_rates(settings, write(settings.home / "rates.csv"), TODAY)
    assert report.ended == {"rub": date(2022, 3, 1)}


def test_the_named_file_is_the_one_that_is_written(settings: Settings, tmp_path: Path) -> None:
    named = tmp_path / "elsewhere" / "my rates.csv"
    own = load_settings(STRIPE_PIPELINE_HOME=settings.home, STRIPE_PIPELINE_EXCHANGE_RATES=named)
    with pytest.raises(UsageError, match="rates import"):
        check_exchange_rates(own)
    assert write_template(own).file == named
    assert import_rates(own, write(tmp_path / "rates.csv"), TODAY).file == named
    assert not settings.own_rates.exists()
    other = write_template(own, tmp_path / "other.csv")
    # The bank's rates are in the file that runs read.
    assert (other.file, other.is_read, other.added) == (tmp_path / "other.csv", False, 3)


def test_the_home_s_file_begins_with_the_project_s_own_rates(settings: Settings) -> None:
    """Once it is there, the seed isn't read any more."""
    exchange_rates.SEED.write_text(HEADER + "2026-01-01,aed,0.2723\n")
    assert settings.rates_file is None
    seed = check_exchange_rates(settings)
    assert seed is not None
    assert (seed.path, len(seed.lines)) == (exchange_rates.SEED, 1)
    write_template(settings)
    assert lines(settings.own_rates)[0] == "2026-01-01,aed,0.2723"
    assert "aed" not in "".join(lines(settings.own_rates)[1:])


def test_a_file_of_another_reporting_currency_is_not_added_to(settings: Settings) -> None:
    settings.own_rates.write_text(HEADER + "2026-01-01,usd,0.92\n")
    before = settings.own_rates.read_text()
    source = write(settings.home / "rates.csv")
    for act in (write_template, lambda one: import_rates(one, source, TODAY)):
        with pytest.raises(UsageError, match="made for another one"):
            act(settings)
    settings.own_rates.write_text(HEADER + "2026-01-01,eur,1,08\n")
    with pytest.raises(UsageError, match="Line 2 of"):
        import_rates(settings, source, TODAY)
    settings.own_rates.write_text(before)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(settings: Settings) -> None:
    settings.home.chmod(0o500)
    try:
        with pytest.raises(PipelineError, match="can't be written"):
            write_template(settings)
    finally:
        settings.home.chmod(0o700)


def run(settings: Settings, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setenv("STRIPE_PIPELINE_HOME", str(settings.home))
    monkeypatch.setattr(rates, "_today", lambda: TODAY)
    app(list(arguments), standalone_mode=False)


def test_the_commands_say_what_is_to_do(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write(settings.home / "rates.csv")
    run(settings, monkeypatch, "rates", "template")
    said = capsys.readouterr().out
    assert "5 lines added, 5 to fill in: aed on 2 days from 2026-11-01 to 2026-11-02; " in said
    assert "how many usd one unit was worth" in said
    run(settings, monkeypatch, "rates", "import", str(source))
    said = capsys.readouterr().out
    assert "20 rates to usd added" in said
    assert "the bank's file has no aed" in said
    assert "isk on 2017-05-01, before its first rate of 2018-02-01" in said
    assert "The file has 2 of 5 missing rates now: the next `stripe-pipeline run` converts" in said
    run(settings, monkeypatch, "rates", "import", str(source))
    said = capsys.readouterr().out
    assert "0 rates to usd added, 0 empty lines filled in, 0 needless ones removed." in said
    assert (
        "It has none of 3 missing rates, so the next `stripe-pipeline run` lacks the same." in said
    )
    run(settings, monkeypatch, "rates", "template", "--json")
    answer = json.loads(capsys.readouterr().out)
    assert [row["currency"] for row in answer["open"]] == ["aed", "aed", "isk"]
    run(settings, monkeypatch, "rates", "import", str(source), "--json")
    answer = json.loads(capsys.readouterr().out)
    assert (answer["added"], answer["first_day"]) == (0, "1999-01-04")
    assert answer["before"][0][0]["currency"] == "isk"
    settings.own_rates.write_text(HEADER + "".join(
        f"2000-01-01,{code},1\n" for code in ("aed", "eur", "isk")
    ))  # fmt: skip
    run(settings, monkeypatch, "rates", "template")
    assert "has every rate by now" in capsys.readouterr().out
    published(settings.home, [])
    run(settings, monkeypatch, "rates", "template")
    assert "No exchange rate was missing" in capsys.readouterr().out
    run(settings, monkeypatch, "rates", "import", str(source))
    capsys.readouterr()
    run(settings, monkeypatch, "rates", "import", str(source))
    assert "had each of these rates already, so nothing changes" in capsys.readouterr().out
    one = write(settings.home / "one.csv", "Date,USD,\n2026-11-25,1.05,\n")
    run(settings, monkeypatch, "rates", "import", str(one))
    assert "Read rates of 1 day from 2026-11-25" in (said := capsys.readouterr().out)
    assert "1 rate to usd added, 0 empty" in said
    assert "The next `stripe-pipeline run` converts with them." in said
