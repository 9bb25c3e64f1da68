"""The file of exchange rates: each mistake is one sentence with its line; dbt reads the rest."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import jinja2
import pytest

from stripe_pipeline.errors import UsageError
from stripe_pipeline.inputs.exchange_rates import check_exchange_rates, say_which_rates
from stripe_pipeline.settings import load_settings
from stripe_pipeline.warehouse.dbt_folders import DBT_PROJECT
from stripe_pipeline.warehouse.transform import dbt_environment

HEADER = "day,currency,rate\n"
MACROS = ("settings.sql", "files.sql", "texts.sql")


def check(path: Path) -> None:
    check_exchange_rates(load_settings(STRIPE_PIPELINE_EXCHANGE_RATES=path))


def model_sql(path: Path) -> str:
    """The SQL of int_exchange_rates for a file, its macros rendered without a run of dbt."""
    macros = [(DBT_PROJECT / "macros" / name).read_text() for name in MACROS]
    model = (DBT_PROJECT / "models/intermediate/orders/int_exchange_rates.sql").read_text()
    model = model.replace("csv_rows(", "duckdb__csv_rows(")
    given = {"var": lambda *_: str(path), "return": str, "config": lambda **_: ""}
    return jinja2.Environment().from_string("".join([*macros, model])).render(given)


def refusal(path: Path) -> str:
    with pytest.raises(UsageError) as caught:
        check(path)
    sentence = str(caught.value)
    assert str(path) in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("2026-01-01,eur\n", "Line 2 of"),
        ("2026-01-01,eur,1.1\n2026-01-01,gbp,1.2,x\n", "Line 3 of"),
        ("31.01.2026,eur,1.1\n", "31.01.2026"),
        ("2026-02-30,eur,1.1\n", "2026-02-30"),
        ("20260131,eur,1.1\n", "20260131"),
        (",eur,1.1\n", "day (none)"),
        ("2026-01-01,,1.1\n", "currency (none)"),
        ("2026-01-01,euro,1.1\n", "currency euro"),
        ("2026-01-01,€,1.1\n", "currency €"),
        ("2026-01-01,eur,0\n", "above 0"),
        ("2026-01-01,eur,0.00\n", "above 0"),
        ("2026-01-01,eur,-1.1\n", "rate -1.1"),
        ("2026-01-01,eur,1e-2\n", "rate 1e-2"),
        ("2026-01-01,eur,nan\n", "rate nan"),
        ("2026-01-01,eur,inf\n", "rate inf"),
        ('2026-01-01,eur,"1,1"\n', "rate 1,1"),
        ("2026-01-01,eur,1_000\n", "rate 1_000"),
        ("2026-01-01,eur,.5\n", "rate .5"),
        ("2026-01-01,eur,1000000000\n", "below 1,000,000,000"),
        ("2026-01-01,eur," + "9" * 400 + "\n", "below 1,000,000,000"),
        ("2026-01-01,eur,0.0000000000000000001\n", "within 18 decimals"),
        ("2026-01-01,eur,1.1\n\n2026-01-01,EUR,1.2\n", "Line 4 of"),
        ("2026-01-01,eur,1.1\n2026-01-01,eur,\n2026-01-01,eur,1.1\n", "after line 2"),
        ("31.01.2026,eur,\n", "31.01.2026"),
        ('2026-01-01,eur,"1.1\n', "no CSV"),
    ],
)
def test_a_slip_is_told_with_its_line(tmp_path: Path, lines: str, told: str) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(HEADER + lines)
    assert told in refusal(path)


def test_two_rates_for_a_day_are_told_with_both_lines(tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(HEADER + "2026-01-01,eur,1.1\n2026-01-02,eur,1.1\n2026-01-01,Eur,1.1\n")
    sentence = refusal(path)
    assert sentence.startswith("Line 4 of")
    assert "eur on 2026-01-01, after line 2" in sentence


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "must be `day,currency,rate`"),
        ("2026-01-01,eur,1.1\n", "must be `day,currency,rate`"),
        ("currency,day,rate\n", "must be `day,currency,rate`"),
        ("day;currency;rate\n2026-01-01;eur;1,1\n", "isn't separated by commas"),
        ("day\tcurrency\trate\n", "isn't separated by commas"),
    ],
)
def test_another_header(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(text)
    assert told in refusal(path)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    assert "STRIPE_PIPELINE_EXCHANGE_RATES" in refusal(tmp_path / "none.csv")
    assert "can't be read" in refusal(tmp_path)
    path = tmp_path / "utf16.csv"
    path.write_text(HEADER, encoding="utf-16")
    assert "no CSV in UTF-8" in refusal(path)


def test_no_file_is_named() -> None:
    check_exchange_rates(load_settings())


def test_what_is_accepted_is_read_by_dbt_as_it_stands(tmp_path: Path) -> None:
    """A mark at the beginning, as Excel writes it; quotes, blanks, empty lines, capitals.

    Lines of a template that aren't filled in are no rates, also beside a line that is.
    """
    path = tmp_path / "it's rates.csv"
    path.write_text(
        HEADER.replace("\n", "\r\n")
        + '2026-01-01,eur,1.0842\r\n\r\n"2026-01-02", EUR ,007.50\r\n2026-01-02,jpy,1\r\n'
        + '2026-01-02,gbp,\r\n2026-01-02,jpy,""\r\n2026-01-03,aed, \r\n'
        + "2099-12-31,kwd,999999999.123456789012345678\r\n2026-01-02,clp,0.000000000000000001",
        encoding="utf-8-sig",
        newline="",
    )
    checked = check_exchange_rates(load_settings(STRIPE_PIPELINE_EXCHANGE_RATES=path))
    assert checked is not None
    assert (len(checked.lines), checked.empty()) == (8, 3)
    with duckdb.connect() as connection:
        rows = connection.execute(model_sql(path)).fetchall()
    assert rows == [
        (date(2026, 1, 1), "eur", Decimal("1.0842")),
        (date(2026, 1, 2), "eur", Decimal("7.5")),
        (date(2026, 1, 2), "jpy", Decimal(1)),
        (date(2099, 12, 31), "kwd", Decimal("999999999.123456789012345678")),
        (date(2026, 1, 2), "clp", Decimal("1E-18")),
    ]


def test_the_home_s_own_file_is_read_where_no_setting_names_one(tmp_path: Path) -> None:
    home = {"STRIPE_PIPELINE_HOME": tmp_path / "home"}
    settings = load_settings(**home)
    assert settings.rates_file is None
    settings.home.mkdir()
    settings.own_rates.write_text(HEADER + "2026-01-01,eur,1.1\n2026-01-01,usd,2\n")
    assert settings.rates_file == settings.own_rates
    named = dbt_environment(settings, datetime.now(UTC))["STRIPE_PIPELINE_EXCHANGE_RATES"]
    assert named == str(settings.own_rates)
    other = load_settings(STRIPE_PIPELINE_EXCHANGE_RATES=tmp_path / "other.csv", **home)
    assert other.rates_file == tmp_path / "other.csv"


def test_a_run_says_which_rates_it_converts_with(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "rates.csv"
    settings = load_settings(STRIPE_PIPELINE_EXCHANGE_RATES=path)
    path.write_text(HEADER + "2026-01-01,eur,1.1\n2026-01-01,gbp,\n")
    with caplog.at_level("INFO"):
        say_which_rates(check_exchange_rates(settings))
    said = [record.getMessage() for record in caplog.records]
    assert said == [f"Converting with 1 exchange rate of {path}"]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("2026-01-01,eur,1.1\n", 0),
        ("2026-01-01,eur,\n2026-01-02,eur, \n2026-01-03,eur,1.1\n2026-01-04,gbp\n", 3),
    ],
)
def test_lines_without_a_rate_are_found(tmp_path: Path, lines: str, found: int) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(HEADER + lines.replace("gbp\n", "gbp,\n"))
    with duckdb.connect() as connection:
        assert len(connection.execute(check_sql("every_line_has_a_rate", path)).fetchall()) == found


def test_rates_of_the_reporting_currency_are_found(tmp_path: Path) -> None:
    sql = check_sql("is_of_no_reporting_currency", tmp_path)
    with duckdb.connect() as connection:
        connection.execute("create table run_clock as select 'eur' as reporting_currency")
        connection.execute(
            "create table model as select * from (values (date '2026-01-01', 'eur', 1.1),"
            "(date '2026-01-02', 'eur', 1), (date '2026-01-01', 'usd', 0.9)) t(day, currency, rate)"
        )
        assert connection.execute(sql).fetchall() == [(date(2026, 1, 1), "eur")]


def test_rates_of_days_to_come_are_found(tmp_path: Path) -> None:
    """A day that has begun somewhere isn't to come."""
    sql = check_sql("is_not_after_today", tmp_path)
    with duckdb.connect() as connection:
        connection.execute(
            "create table model as select (current_date + days)::date as day, 'eur' as currency "
            "from (values (-1), (0), (1), (2), (3650)) t(days)"
        )
        assert len(connection.execute(sql).fetchall()) == 2


def check_sql(name: str, path: Path) -> str:
    """The SQL of a test of marts.exchange_rates, rendered without a run of dbt."""
    macros = [(DBT_PROJECT / "macros" / each).read_text() for each in MACROS]
    text = (DBT_PROJECT / "tests" / "generic" / f"{name}.sql").read_text()
    body = text.partition("(model) %}")[2].partition("{% endtest %}")[0]
    body = body.replace("csv_rows(", "duckdb__csv_rows(")
    given = {
        "var": lambda *_: str(path), "return": str, "config": lambda **_: "", "model": "model",
        "ref": str,
    }  # fmt: skip
    return jinja2.Environment().from_string("".join([*macros, body])).render(given)
