"""`campaigns list`, `new` and `import`: what they write, what they refuse, with exit codes."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from stripe_pipeline.activation.campaigns import load_campaigns
from stripe_pipeline.settings import load_settings

Cli = Callable[..., CompletedProcess[str]]
WELCOME = """\
<html><head><title>Welcome, {{@ user.firstname default="friend"}}</title></head>
<body>{{#ifEqual user.country 'Austria'}}<p>Servus</p>{{else}}<p>Hello</p>{{/ifEqual}}
<a href="*|UNSUBSCRIBE|*">Unsubscribe</a></body></html>
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty campaign folder."""
    found = tmp_path / "campaigns"
    found.mkdir()
    return found


def _call(cli: Cli, folder: Path, *arguments: str) -> CompletedProcess[str]:
    home = str(folder.parent / "home")
    return cli(
        "campaigns", *arguments,
        STRIPE_PIPELINE_CAMPAIGNS=str(folder), STRIPE_PIPELINE_HOME=home,
    )  # fmt: skip


def _loaded(folder: Path) -> list[tuple[str, str, str]]:
    settings = load_settings(_env_file=None, STRIPE_PIPELINE_CAMPAIGNS=folder)
    return [(one.name, one.status, one.channel) for one in load_campaigns(settings)]


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_a_new_campaign_is_a_valid_draft(cli: Cli, folder: Path, channel: str) -> None:
    done = _call(cli, folder, "new", "spring", "--segment", "vip", "--channel", channel)
    assert done.returncode == 0, done.stderr
    assert "The campaign spring is a draft of" in done.stdout
    assert "How many are in vip already is known after the first run" in done.stdout
    assert "existing_members: skip\n" in (folder / "spring" / "campaign.yml").read_text()
    assert _loaded(folder) == [("spring", "draft", channel)]
    again = _call(cli, folder, "new", "spring")
    assert again.returncode == 2
    assert "is there already" in again.stderr
    assert [path.name for path in folder.iterdir()] == ["spring"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("new", "../x"), "can't be called ../x"),
        (("new", "shared"), "shared is the folder of partials"),
        (("new", "x", "--segment", "vipp"), "There is no segment vipp; did you mean vip?"),
        (("import", "missing.html"), "can't be read (No such file or directory)"),
    ],
)
def test_what_cant_be_begun_leaves_nothing(
    cli: Cli, folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = _call(cli, folder, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert list(folder.iterdir()) == []


def test_a_template_of_dailystory_becomes_a_draft(cli: Cli, folder: Path) -> None:
    file = folder.parent / "Welcome mail.html"
    file.write_text(WELCOME, encoding="utf-8")
    done = _call(cli, folder, "import", str(file), "--segment", "new_customers")
    assert done.returncode == 0, done.stderr
    assert "Line 2: Austria became AT" in done.stdout
    assert "Line 3: *|UNSUBSCRIBE|* prints `url_unsubscribe` of account.yml" in done.stdout
    written = folder / "welcome_mail"
    assert (written / "subject.txt").read_text("utf-8") == (
        'Welcome, {{ user.firstname | default: "friend" }}'
    )
    assert '{% if story_1 == "at" %}' in (written / "body.html").read_text("utf-8")
    assert _loaded(folder) == [("welcome_mail", "draft", "email")]


def test_what_isnt_taken_over_is_listed_and_nothing_written(cli: Cli, folder: Path) -> None:
    file = folder.parent / "news.txt"
    file.write_text("{Hi|Hello} {{user.frstname}}\n\n{{formatdate user.age}}\n", encoding="utf-8")
    done = _call(cli, folder, "import", str(file))
    assert done.returncode == 2
    heading, *told = done.stderr.splitlines()
    assert heading == "Nothing was imported, as 3 things of news.txt aren't taken over:"
    assert [line.strip().removeprefix(f"{file}, ")[:24] for line in told] == [
        "line 1: there is no user", "line 1: {Hi|Hello} is Sp", "line 3: formatdate isn't",
    ]  # fmt: skip
    assert list(folder.iterdir()) == []


def test_an_encrypted_design_is_refused_by_name(cli: Cli, folder: Path) -> None:
    file = folder.parent / "design.elmz"
    file.write_bytes(b"\x00\x01")
    done = _call(cli, folder, "import", str(file))
    assert done.returncode == 2
    assert "is an email design of DailyStory, which is encrypted" in done.stderr


def test_the_list_says_status_and_languages(cli: Cli, folder: Path) -> None:
    assert "There is no campaign in" in _call(cli, folder, "list").stdout
    _call(cli, folder, "new", "spring", "--segment", "vip")
    for part, kind in (("subject", "txt"), ("preheader", "txt"), ("body", "html")):
        (folder / "spring" / f"{part}.de.{kind}").write_text("x", encoding="utf-8")
    assert json.loads(_call(cli, folder, "list", "--json").stdout) == [
        {
            "campaign": "spring", "status": "draft", "segment": "vip", "channel": "email",
            "languages": "en, de", "description": "",
            "version": 1, "first_run": None, "went_live": None,
        }
    ]  # fmt: skip


def test_a_price_has_to_be_one(cli: Cli, folder: Path) -> None:
    done = _call(cli, folder, "preview", "x", "--price", "cheap")
    assert done.returncode == 2
    assert "--price cheap is no price" in done.stderr
