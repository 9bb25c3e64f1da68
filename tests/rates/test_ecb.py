"""The European Central Bank's files are read as they are downloaded, and crossed exactly."""

import zipfile
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripe_pipeline.errors import UsageError
from stripe_pipeline.rates import unpacked
from stripe_pipeline.rates.cross import cross_rates
from stripe_pipeline.rates.ecb import Quotes, read_quotes

from .ecb_files import DAILY, HISTORY, XML, write

NEWEST = date(2026, 11, 27)


def refusal(path: Path) -> str:
    with pytest.raises(UsageError) as caught:
        read_quotes(path, NEWEST)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", ["eurofxref-hist.csv", "eurofxref-hist.zip"])
def test_the_history(tmp_path: Path, name: str) -> None:
    quotes = read_quotes(write(tmp_path / name), NEWEST)
    assert list(quotes.by_day) == sorted(quotes.by_day)
    assert len(quotes.by_day) == 5
    assert quotes.currencies == {"eur", "usd", "jpy", "gbp", "isk", "rub"}
    assert quotes.by_day[NEWEST] == {
        "usd": Decimal("1.0521"), "jpy": Decimal("163.18"), "gbp": Decimal("0.8411"),
        "isk": Decimal("145.1"),
    }  # fmt: skip
    assert quotes.by_day[date(1999, 1, 4)].keys() == {"usd", "jpy", "gbp"}


@pytest.mark.parametrize("text", [DAILY, XML], ids=["csv", "xml"])
def test_the_files_of_one_day_and_of_ninety(tmp_path: Path, text: str) -> None:
    quotes = read_quotes(write(tmp_path / "eurofxref.zip", text), NEWEST)
    assert quotes.by_day[NEWEST] == {
        "usd": Decimal("1.0521"), "jpy": Decimal("163.18"), "gbp": Decimal("0.8411"),
    }  # fmt: skip


def test_what_people_save_it_as(tmp_path: Path) -> None:
    """A mark at the beginning, lines of Windows and empty ones, no comma at the end."""
    path = tmp_path / "rates.csv"
    text = HISTORY.replace(",\n", "\r\n").replace("N/A", "") + "\r\n,,,,\r\n"
    path.write_text(text, encoding="utf-8-sig", newline="")
    assert read_quotes(path, NEWEST) == read_quotes(write(tmp_path / "as_it_is.csv"), NEWEST)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("Date,", "Datum,", "first line must be `Date,USD,JPY,...`"),
        (HISTORY, HISTORY.replace(",", ";"), "first line must be"),
        (HISTORY, HISTORY.replace(".", ",").replace(",", ";"), "isn't separated by commas"),
        (HISTORY, HISTORY.replace(",", "\t"), "a spreadsheet has probably saved it"),
        (HISTORY, "day,currency,rate\n2026-01-01,eur,1.1\n", "has rates of your own"),
        (HISTORY, "Day;Currency;Rate\n2026-01-01;eur;1,1\n", "has rates of your own"),
        (HISTORY, "currency,rate\neur,1.1\n", "is no file of rates that is known"),
        (HISTORY, "{}", "`day,currency,rate`, such as `2026-01-30,eur,1.0842`"),
        (HISTORY, "", "is empty"),
        (HISTORY, "\n\n", "first line must be"),
        (HISTORY, "<!DOCTYPE html><html>not found</html>", "is a web page"),
        (HISTORY, "<rates/>", "has no exchange rate in it"),
        (HISTORY, HISTORY[:-40], "Line 6 of"),
        ("2026-11-27", "2026-11-29", "day 2026-11-29, which is still to come on 2026-11-27"),
        ("JPY,GBP", "JPY", "Line 2 of"),
        ("Date,USD,JPY,GBP,ISK,RUB,\n", "", "first line must be"),
        (HISTORY, "", "first line must be"),
        (HISTORY, "day,currency,rate\n2026-01-01,eur,1.1\n", "first line must be"),
        ("2026-11-26", "26.11.2026", "Line 3 of"),
        ("2026-11-26", "2026-02-30", "day 2026-02-30"),
        ("2026-11-26", "31 February 2026", "day 31 February 2026"),
        ("1.05,", "1,05,", "Line 3 of"),
        ("1.05,", "-1.05,", "rate -1.05"),
        ("1.05,", "0,", "rate 0,"),
        ("1.05,", "1e3,", "rate 1e3"),
        ("1.05,", "NaN,", "rate NaN"),
        ("1.05,", "٣,", "rate ٣"),
        ("GBP", "USD", "second rate for usd"),
        ("GBP", "EUR", "rate of EUR"),
        ("GBP", "Pound", "rate of Pound"),
        ("2026-11-26", "2026-11-27", "second rate for usd on 2026-11-27"),
        (HISTORY, "Date,USD,\n2026-11-27,N/A,\n", "no exchange rate in it"),
        (HISTORY, "Date,USD,\n", "no exchange rate in it"),
        (HISTORY, 'Date,USD,\n"2026-11-27,1\n', "Line 2 of"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in HISTORY
    assert told in refusal(write(tmp_path / "rates.csv", HISTORY.replace(old, new, 1)))


def test_an_xml_with_entities_is_refused_before_any_is_read(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/hostname">]>'
    text = XML.replace("?>\n", f"?>\n{bomb}\n").replace('rate="1.05"', 'rate="&a;"')
    assert "document type" in refusal(write(tmp_path / "rates.xml", text))
    assert "is no XML" in refusal(write(tmp_path / "cut.xml", XML[:-30]))
    no_day = XML.replace(' time="2026-11-27"', "")
    assert "day (none)" in refusal(write(tmp_path / "no_day.xml", no_day))


def test_archives_that_hold_something_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = write(tmp_path / "eurofxref-hist.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole.replace(b"\x78", b"\x79")[:60] + whole[60:])
    two = tmp_path / "two.zip"
    with zipfile.ZipFile(two, "w") as archive:
        archive.writestr("a.csv", HISTORY)
        archive.writestr("b.xml", XML)
    assert "holds 2 CSV or XML files" in refusal(two)
    assert "can't be read" in refusal(tmp_path / "none.zip")
    assert "can't be read" in refusal(tmp_path)
    (tmp_path / "latin.csv").write_bytes("Date,USD,\n2026-11-27,1,\nä".encode("latin-1"))
    assert "no text in UTF-8" in refusal(tmp_path / "latin.csv")
    monkeypatch.setattr(unpacked, "LARGEST", 100)
    assert "larger than" in refusal(write(tmp_path / "eurofxref-hist.zip"))


def test_a_spreadsheet_is_named_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    assert "is an Excel workbook and no CSV" in refusal(path)
    assert '"CSV UTF-8"' in refusal(path)


def test_a_day_that_has_begun_elsewhere_is_read(tmp_path: Path) -> None:
    text = HISTORY.replace("2026-11-27", "2026-11-28")
    assert max(read_quotes(write(tmp_path / "rates.csv", text), NEWEST).by_day).day == 28


def crossed(quotes: Quotes, reporting: str) -> dict[tuple[str, str], Decimal]:
    return {(str(day), code): rate for day, code, rate in cross_rates(quotes, reporting)}


def test_rates_into_a_currency_that_is_no_euro(tmp_path: Path) -> None:
    """By hand: 1 gbp = 1.0521 / 0.8411 usd = 1.250861966472476518..., 1 eur = 1.0521 usd."""
    usd = crossed(read_quotes(write(tmp_path / "rates.csv"), NEWEST), "usd")
    assert usd["2026-11-27", "eur"] == Decimal("1.0521")
    assert usd["2026-11-27", "gbp"] == Decimal("1.250861966472476519")
    assert usd["2026-11-27", "jpy"] == Decimal("0.006447481308983944")
    assert not any(code == "usd" for _, code in usd)
    assert ("2026-11-26", "isk") not in usd


def test_rates_into_the_euro_and_into_one_with_gaps(tmp_path: Path) -> None:
    quotes = read_quotes(write(tmp_path / "rates.csv"), NEWEST)
    eur = crossed(quotes, "eur")
    assert eur["2026-11-26", "usd"] == Decimal("0.952380952380952381")
    assert eur["2026-11-26", "gbp"] == Decimal("1.190476190476190476")
    # Without a quote of the reporting currency there is no rate on a day.
    assert {day for day, _ in crossed(quotes, "isk")} == {
        "2026-11-27", "2022-03-01", "2018-02-01",
    }  # fmt: skip
    with pytest.raises(UsageError, match="no rate of ars, the reporting currency"):
        crossed(quotes, "ars")


amounts = st.decimals("0.000001", "999999", places=6)


@given(st.dictionaries(st.sampled_from(["usd", "jpy", "gbp", "kwd"]), amounts, min_size=1))
def test_every_cross_rate_is_the_exact_quotient_rounded_once(rates: dict[str, Decimal]) -> None:
    worth = {"eur": Decimal(1), **rates}
    for reporting in rates:
        for (_, code), rate in crossed(Quotes({NEWEST: rates}), reporting).items():
            exact = Fraction(worth[reporting]) / Fraction(worth[code])
            scaled = exact * 10**18
            half_up = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
            assert Fraction(rate) == Fraction(half_up, 10**18)
