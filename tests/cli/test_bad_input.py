"""Wrong input: one plain sentence with the remedy, the exit code of the contract, no traces."""

import re
import subprocess
from pathlib import Path

import pytest

from stripe_pipeline.errors import UsageError
from stripe_pipeline.settings import load_settings

from ..conftest import Cli

WHOLE_RUNS = ("run", "sync")
RUN_COMMANDS = (*((name,) for name in WHOLE_RUNS), ("check",))


def assert_one_sentence(done: subprocess.CompletedProcess[str], exit_code: int) -> None:
    """One line on stderr that ends like a sentence, nothing on stdout, the right code."""
    assert done.returncode == exit_code, done.stderr
    assert done.stdout == ""
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].endswith((".", "?"))
    assert "Traceback" not in done.stderr


def files_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("command", RUN_COMMANDS)
def test_no_key(cli: Cli, tmp_path: Path, command: tuple[str, ...]) -> None:
    home = tmp_path / "home"
    done = cli(*command, STRIPE_PIPELINE_HOME=str(home))
    assert_one_sentence(done, 2)
    assert "STRIPE_API_KEY is not set" in done.stderr
    assert "https://dashboard.stripe.com/apikeys" in done.stderr
    assert not home.exists()


@pytest.mark.parametrize("command", RUN_COMMANDS)
def test_publishable_key(cli: Cli, tmp_path: Path, command: tuple[str, ...]) -> None:
    home = tmp_path / "home"
    done = cli(*command, STRIPE_PIPELINE_HOME=str(home), STRIPE_API_KEY="pk_test_51Habcdefghijkl")
    assert_one_sentence(done, 2)
    assert "publishable" in done.stderr
    assert "51Habcdefghijkl" not in done.stderr
    assert not home.exists()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("STRIPE_PIPELINE_AS_OF", "5", "5 is no instant"),
        ("STRIPE_PIPELINE_AS_OF", "0001-01-01T00:00:00+14:00", "is no instant"),
        ("STRIPE_PIPELINE_AS_OF", "9999-12-31", "is no instant"),
        ("STRIPE_PIPELINE_AS_OF", "1969", "before 1971, and Stripe counts from 1970"),
        ("STRIPE_PIPELINE_AS_OF", "1969-07-20T20:17:40Z", "before 1971"),
        ("STRIPE_PIPELINE_AS_OF", "2027-02-30", "the calendar has no such day"),
        ("STRIPE_PIPELINE_AS_OF", "20251301", "the calendar has no such day"),
        ("STRIPE_PIPELINE_AS_OF", "2026-01-31T25:00", "such as 2026-01-31"),
        ("STRIPE_PIPELINE_RATES_MAX_AGE_DAYS", "0", "from 1 to 3660"),
        ("STRIPE_PIPELINE_REPORTING_CURRENCY", "dollars", "three letters of a currency"),
        ("STRIPE_PIPELINE_REPORTING_TIMEZONE", "Berlin", "Berlin is not a time zone"),
        ("STRIPE_PIPELINE_RATE_LIMIT", "inf", "requests a second above 0"),
        ("STRIPE_PIPELINE_RATE_LIMIT", "many", "requests a second above 0"),
        ("STRIPE_PIPELINE_POLL_MINUTES", "5.5", "from 5 to 1440"),
        ("STRIPE_PIPELINE_ORDER_SOURCES", "bills", "invoice, payment, or both"),
        ("STRIPE_PIPELINE_ORDER_SOURCES", ",", "invoice, payment, or both"),
        ("STRIPE_PIPELINE_CUSTOMER_METADATA", "a b,a_b", "both name stripe_metadata_a_b"),
    ],
)
def test_a_wrong_setting_is_told_in_plain_words(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=rf"^The setting {name} can't be used: .*{said}") as raised:
        load_settings()
    assert "Input should" not in str(raised.value)


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-13-01", "5"])
def test_an_as_of_that_is_no_instant(cli: Cli, text: str) -> None:
    done = cli("run", "--as-of", text, STRIPE_API_KEY="rk_test_51Habcdefghijkl")
    assert_one_sentence(done, 2)
    assert "--as-of can't be used" in done.stderr


def test_a_customer_without_an_id(cli: Cli) -> None:
    for command in (("profile", " "), ("explain", "vip", ""), ("forget", "", "--yes")):
        done = cli(*command)
        assert_one_sentence(done, 2)
        assert "The customer's id is empty" in done.stderr


def test_a_demo_where_no_folder_can_be_made(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("no folder")
    for folder, code in ((file, 2), (file / "home", 1)):
        done = cli("demo", "--home", str(folder))
        assert done.returncode == code
        assert str(folder) in done.stderr.splitlines()[-1]
        assert "unforeseen" not in done.stderr


# In a whole run it is the same sentence, at the end of twelve seconds.
@pytest.mark.parametrize(
    "command", [("check",), *(pytest.param((name,), marks=pytest.mark.slow) for name in WHOLE_RUNS)]
)
def test_unreachable_stripe(cli_process: Cli, tmp_path: Path, command: tuple[str, ...]) -> None:
    home = tmp_path / "home"
    done = cli_process(
        *command,
        STRIPE_PIPELINE_HOME=str(home),
        STRIPE_API_KEY="rk_test_51Habcdefghijkl",
        STRIPE_API_BASE="http://127.0.0.1:9",
    )
    assert done.returncode == 1
    assert "127.0.0.1:9" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert not list((home / "lake").glob("*/*.parquet"))


def test_a_home_that_cannot_be_written(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("no folder")
    done = cli(
        "run", STRIPE_PIPELINE_HOME=str(file / "home"), STRIPE_API_KEY="rk_test_51Habcdefghijkl"
    )
    assert_one_sentence(done, 1)
    assert str(file / "home") in done.stderr
    assert "STRIPE_PIPELINE_HOME" in done.stderr
    assert file.read_text() == "no folder"


def test_a_home_below_proc(cli: Cli) -> None:
    done = cli("sync", STRIPE_PIPELINE_HOME="/proc/home", STRIPE_API_KEY="rk_test_51Habcdefghijkl")
    assert_one_sentence(done, 1)
    assert "/proc/home" in done.stderr


def test_a_campaign_with_a_typo_stops_the_run_before_it_starts(cli: Cli, tmp_path: Path) -> None:
    campaigns, home = tmp_path / "campaigns", tmp_path / "home"
    campaigns.mkdir()
    (campaigns / "win_back.yml").write_text(
        "name: win_back\nsegment: lapsed_6_months\nexisting_members: include\n"
        "channel: email\nsubject: Hello\n"
        "body: |\n  You spent {{ profile.stripe_total_sale }} with us.\n"
    )
    done = cli(
        "run",
        STRIPE_PIPELINE_HOME=str(home),
        STRIPE_PIPELINE_CAMPAIGNS=str(campaigns),
        STRIPE_API_KEY="rk_test_51Habcdefghijkl",
    )
    assert_one_sentence(done, 2)
    assert "win_back.yml, line 7" in done.stderr
    assert "stripe_total_sales" in done.stderr
    assert not home.exists()


def test_a_slip_in_the_exchange_rates_stops_the_run_before_it_starts(
    cli: Cli, tmp_path: Path
) -> None:
    rates, home = tmp_path / "rates.csv", tmp_path / "home"
    rates.write_text("day,currency,rate\n2026-01-01,eur,1.1\n2026-01-02,eur,1e3\n")
    done = cli(
        "run",
        STRIPE_PIPELINE_HOME=str(home),
        STRIPE_PIPELINE_EXCHANGE_RATES=str(rates),
        STRIPE_API_KEY="rk_test_51Habcdefghijkl",
    )
    assert_one_sentence(done, 2)
    assert f"Line 3 of {rates}" in done.stderr
    assert "1e3" in done.stderr
    assert not home.exists()


def test_a_file_of_overrides_that_is_wrong(cli: Cli, tmp_path: Path) -> None:
    home, overrides = tmp_path / "home", tmp_path / "overrides.csv"
    overrides.write_text("action,customer,other\njoin,cus_a,cus_b\nmerge,cus_a,cus_c\n")
    done = cli(
        "run",
        STRIPE_PIPELINE_HOME=str(home),
        STRIPE_PIPELINE_PERSON_OVERRIDES=str(overrides),
        STRIPE_API_KEY="rk_test_51Habcdefghijkl",
    )
    assert_one_sentence(done, 2)
    assert f"Line 3 of {overrides}" in done.stderr
    assert not home.exists()


def test_a_setting_that_cannot_be_used(cli: Cli) -> None:
    done = cli("run", STRIPE_PIPELINE_REPORTING_TIMEZONE="Mars/Olympus")
    assert_one_sentence(done, 2)
    assert "STRIPE_PIPELINE_REPORTING_TIMEZONE" in done.stderr


@pytest.mark.parametrize(
    ("keys", "what"),
    [
        ("Shirt size, shirt-size", "the keys Shirt size and shirt-size both name"),
        ("plan, ---", "the key --- has no letter or digit"),
    ],
)
def test_metadata_keys_that_name_no_column_or_the_same(cli: Cli, keys: str, what: str) -> None:
    done = cli("run", STRIPE_PIPELINE_CUSTOMER_METADATA=keys)
    assert_one_sentence(done, 2)
    assert "STRIPE_PIPELINE_CUSTOMER_METADATA" in done.stderr and what in done.stderr


@pytest.mark.parametrize("command", [("profile", "cus_1"), ("explain", "vip", "cus_1")])
def test_nothing_was_run_yet(cli: Cli, tmp_path: Path, command: tuple[str, ...]) -> None:
    done = cli(*command, STRIPE_PIPELINE_HOME=str(tmp_path / "home"))
    assert_one_sentence(done, 1)
    assert "stripe-pipeline run" in done.stderr


def test_wrong_use_shows_what_is_wrong(cli: Cli) -> None:
    done = cli("run", "--as-off", "2026-01-01")
    assert done.returncode == 2
    assert "--as-of" in done.stderr


def test_debug_shows_the_traceback(cli_process: Cli) -> None:
    for arguments in (("run", "--debug"), ("--debug", "run")):
        done = cli_process(*arguments)
        assert done.returncode == 1
        assert re.search(r"Traceback.*UsageError", done.stderr, re.DOTALL)
