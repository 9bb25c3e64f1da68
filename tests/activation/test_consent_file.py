"""Files of consents as spreadsheets write them, and what is said of what was recorded."""

import zipfile
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from stripe_pipeline.activation.consent import import_consents, record_consent
from stripe_pipeline.activation.consent_file import read_consent_file
from stripe_pipeline.activation.entries import EntryError, entry, instant
from stripe_pipeline.activation.suppress import suppress
from stripe_pipeline.cli.commands import people
from stripe_pipeline.errors import UsageError
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings
from tests.activation.shop import customer, publish_shop

HEADER = "channel,address,status,source,occurred_at"
ROW = "email,ada@shop.example,opt_in,form,2026-01-31 09:30"
SMS = "sms,+12015550123,opt_out,form,31.01.2026"


def _rows(settings: Settings) -> list[tuple[str, str, str]]:
    rows = [r for batch in Lake(settings.lake).read("consent_entries") for r in batch.to_pylist()]
    return [(row["address"], row["status"], f"{row['occurred_at']:%Y-%m-%dT%H:%M}") for row in rows]


def _import(shop: Settings, text: str, encoding: str = "utf-8") -> list[tuple[str, str, str]]:
    path = shop.home / "consents.csv"
    path.write_bytes(text.encode(encoding))
    import_consents(shop, path)
    return _rows(shop)


def _with(separator: str) -> str:
    return "\r\n".join([HEADER, ROW, SMS, ""]).replace(",", separator)


EXPECTED = [
    ("ada@shop.example", "opt_in", "2026-01-31T09:30"),
    ("+12015550123", "opt_out", "2026-01-31T00:00"),
]


@pytest.mark.parametrize(
    "text",
    [
        _with(","),
        _with(";"),
        _with("\t"),
        "sep=;\r\n" + _with(";"),
        '"sep=,"\n' + _with(","),
        _with(",").replace("\r\n", "\n"),
        _with(",") + ",,,,\r\n,,,,\r\n\r\n",
        f"{HEADER}\n,,,,\n\n{ROW}\n ,  ,,,\n{SMS}",
        _with(";") + ";;;;\r\n",
        f"{HEADER},,\n{ROW},,\n{SMS},,\n",
        f" Channel , ADDRESS,Status, Source,Occurred At\n{ROW}\n{SMS}\n",
        f'"channel","address","status","source","occurred-at"\n{ROW}\n{SMS}\n',
        "\n\n" + _with(","),
        "\ufeff\ufeff" + _with(","),
        _with(",") + "\x1a",
        _with(",").replace("ada@shop.example", '"=""ada@shop.example"""'),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_a_spreadsheet_saves_is_read(shop: Settings, text: str, encoding: str) -> None:
    assert _import(shop, text, encoding) == EXPECTED


def test_columns_may_stand_in_any_order(shop: Settings) -> None:
    text = "status;source;address;occurred_at;channel\nopt_in;a;ada@shop.example;2026-01-31;email\n"
    assert _import(shop, text) == [("ada@shop.example", "opt_in", "2026-01-31T00:00")]


def _refusal(shop: Settings, text: str, encoding: str = "utf-8") -> str:
    with pytest.raises(UsageError) as caught:
        _import(shop, text, encoding)
    assert not _rows(shop)
    return str(caught.value)


def test_all_lines_that_are_wrong_are_told(shop: Settings) -> None:
    said = _refusal(
        shop,
        f"sep=,\n{HEADER}\n{ROW}\nemail,ada,opt_in,form,2026-01-31\n,,,,\n"
        'email,a@b.example,optin,"two\nlines",2026-01-31\nfax,a@b.example,opt_in,x,2026-01-31\n',
    )
    assert said.startswith("3 lines of the consent file ")
    assert "Nothing was recorded" in said
    assert [line.split(":")[0] for line in said.splitlines()[1:]] == [
        "  line 4", "  line 6", "  line 8"
    ]  # fmt: skip
    assert "a@b.example" not in said


@pytest.mark.parametrize(
    ("text", "encoding", "said"),
    [
        (_with(","), "utf-16-le", "UTF-16 or UTF-32 without its mark"),
        (_with(","), "utf-16-be", "UTF-16 or UTF-32 without its mark"),
        (_with(","), "utf-32", "UTF-16 or UTF-32 without its mark"),
        ("<html><table><tr><td>channel</td></tr></table></html>", "utf-8", "is a web page"),
        (f"{HEADER}\n{ROW}\0", "utf-8", "or no text at all"),
        ('[{"address": "ada@shop.example", "status": "opt_in"}]', "utf-8", "there is no column"),
        (_with("|"), "utf-8", "there is no column channel|address|status|source|occurred_a."),
        (HEADER.replace("status", ",status"), "utf-8", "there is no column without a name"),
    ],
)
def test_what_is_no_csv_is_named(shop: Settings, text: str, encoding: str, said: str) -> None:
    told = _refusal(shop, text, encoding)
    assert said in told
    assert "opt_in" not in told, "nothing of a person's is shown"


def test_twenty_of_many_are_told(shop: Settings) -> None:
    said = _refusal(shop, HEADER + "\n" + "email,ada,opt_in,form,2026-01-31\n" * 1_234)
    assert said.startswith("1,234 lines of the consent file ")
    assert said.count("\n  line ") == 20
    assert said.endswith("\n  and 1,214 more")


def test_a_file_in_windows_1252_is_told_by_its_line(shop: Settings) -> None:
    text = f"{HEADER}\n{ROW}\nemail,zo\u00eb@shop.example,opt_in,form,2026-01-31\n"
    said = _refusal(shop, text, "windows-1252")
    assert "consents.csv, line 3: it isn't UTF-8" in said
    assert "Windows-1252" in said
    assert '"CSV UTF-8"' in said


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026-01-31", "2026-01-31T00:00:00+00:00"),
        (" 2026-01-31 09:30 ", "2026-01-31T09:30:00+00:00"),
        ("2026-01-31 9:30:15", "2026-01-31T09:30:15+00:00"),
        ("2026/1/31 09:30", "2026-01-31T09:30:00+00:00"),
        ("31.1.2026", "2026-01-31T00:00:00+00:00"),
        ("31.01.2026 9:30", "2026-01-31T09:30:00+00:00"),
        ("2026-01-31T09:30:00Z", "2026-01-31T09:30:00+00:00"),
        ("2026-01-31T10:30:00.5+01:00", "2026-01-31T09:30:00.500000+00:00"),
    ],
)
def test_dates_are_read_where_they_are_one_day(text: str, iso: str) -> None:
    assert instant(text).isoformat() == iso


@pytest.mark.parametrize("text", ["01/02/2026", "1/31/26 9:30", "01-02-2026", "31/01/2026"])
def test_a_date_that_could_be_two_days_is_refused(text: str) -> None:
    with pytest.raises(EntryError, match=r"could be two days.* write it as 2026-01-31"):
        instant(text)


@pytest.mark.parametrize("text", ["", "46053", "2026-02-30", "30.2.2026", "2026-01-31 25:00", "x"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(EntryError, match="is no instant; write it as"):
        instant(text)


@pytest.mark.parametrize("status", ["opt_in", "opt_out"])
def test_a_date_in_the_future_is_refused(status: str) -> None:
    row = {"channel": "email", "address": "ada@shop.example", "status": status, "source": "counter"}
    with pytest.raises(EntryError, match="lies in the future"):
        entry({**row, "occurred_at": "2062-01-31"})


@pytest.fixture
def say(shop: Settings, monkeypatch: pytest.MonkeyPatch) -> "Say":
    monkeypatch.setattr(people, "load_settings", lambda: shop)
    return Say()


class Say:
    """What the commands answer."""

    def consent(self, *arguments: str) -> str:
        return self._run(people.consent, *arguments)

    def suppress(self, *arguments: str) -> str:
        return self._run(people.suppressions, *arguments)

    def _run(self, app: Typer, *arguments: str) -> str:
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0, result.output
        return " ".join(result.output.split())


ANN = "Ann <ANN@b\u00fccher.example>"


@pytest.fixture
def ann(shop: Settings) -> Settings:
    publish_shop(shop, [customer(1, email="ann@b\u00fccher.example")], [])
    return shop


def test_an_opt_out_says_whose_the_address_is(ann: Settings, say: Say) -> None:
    assert say.consent("opt-out", "email", ANN) == (
        "Recorded. The address is that of 1 customer or guest payment."
    )
    said = say.consent("opt-out", "email", "anne@shop.example")
    assert said.startswith("Recorded. No customer and no guest has this address")
    assert "It changes nothing" in say.consent("opt-out", "email", ANN)


def test_an_opt_in_that_is_outweighed_says_so(ann: Settings, say: Say) -> None:
    # As an older version spelled it.
    record_consent(ann, "email", "ann@xn--bcher-kva.example", "opt_out", "a letter")
    said = say.consent("opt-in", "email", ANN, "--source", "form")
    assert said.startswith("Recorded. It changes nothing: the address has opted out")


def test_an_import_counts_what_is_unknown_and_outweighed(
    ann: Settings, say: Say, tmp_path: Path
) -> None:
    record_consent(ann, "email", ANN, "opt_out", "a letter")
    path = tmp_path / "c.csv"
    path.write_text(f"{HEADER}\nemail,ann@b\u00fccher.example,opt_in,f,2026-01-31\n{ROW}\n")
    said = say.consent("import", str(path))
    assert "2 new. 1 address of no customer and no guest" in said
    assert "1 opt-in of addresses that have opted out" in said


def test_before_anything_is_published_nothing_is_said_of_owners(say: Say) -> None:
    assert "nothing is published yet" in say.consent("opt-out", "email", ANN)
    assert "nothing is published yet" in say.suppress("add", "all", ANN)


def test_a_suppression_says_whose_and_what_still_holds(ann: Settings, say: Say) -> None:
    assert "that of 1 customer" in say.suppress("add", "email", ANN)
    assert say.suppress("add", "email", "ann@xn--bcher-kva.example").startswith("Suppressed alr")
    suppress(ann, "all", ANN, "a call")
    assert say.suppress("lift", "email", ANN) == (
        "Lifted. The address is suppressed for all still; lift that by its own name. "
        "The address is that of 1 customer or guest payment."
    )
    said = say.suppress("lift", "all", ANN)
    assert said == "Lifted. The address is that of 1 customer or guest payment."
    said = say.suppress("lift", "email", "eve@x.example")
    assert said.startswith("There was no suppression of email; nothing changed. No customer and no")


@pytest.mark.parametrize(
    ("member", "kind"),
    [
        ("xl/workbook.xml", "an Excel workbook"),
        ("META-INF/manifest.xml", "a LibreOffice spreadsheet"),
        ("Index/Document.iwa", "a Numbers spreadsheet"),
    ],
)
def test_a_spreadsheet_is_named_with_the_way_out(tmp_path: Path, member: str, kind: str) -> None:
    path = tmp_path / "consents.csv"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, "x")
    with pytest.raises(UsageError, match=f"is {kind} and no CSV.*CSV UTF-8"):
        read_consent_file(path)
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512))
    with pytest.raises(UsageError, match="an old Excel workbook"):
        read_consent_file(path)


def test_the_help_names_the_values(say: Say) -> None:
    said = say.consent("import", "--help")
    for word in ("email, sms or push", "opt_in or opt_out", "2026-01-31", "semicolons"):
        assert word in said.replace("│ ", "").replace(" │", "")
