"""The project's `.env`, mistakes in it and in the environment: none is ignored silently."""

from pathlib import Path

import pytest

from stripe_pipeline.errors import UsageError
from stripe_pipeline.process.environment import PROJECT_ROOT
from stripe_pipeline.settings import ENV_FILE, ENV_FILE_SETTING, Settings, load_settings
from stripe_pipeline.settings import env_file as used_file
from stripe_pipeline.settings.dotenv_file import remarks, settings_in

from ..conftest import Cli


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `.env` that is used, closed to others; the current folder is another one."""
    path = tmp_path / "project" / ".env"
    path.parent.mkdir()
    path.touch(0o600)
    monkeypatch.setenv(ENV_FILE_SETTING, str(path))
    monkeypatch.chdir(tmp_path)
    return path


def test_the_project_s_own_is_read_wherever_a_command_is_called_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ENV_FILE_SETTING)
    monkeypatch.chdir(tmp_path)
    assert used_file() == ENV_FILE == PROJECT_ROOT / ".env"


def test_values_in_the_environment_win(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("STRIPE_PIPELINE_REPORTING_CURRENCY=eur\nstripe_api_key=rk_test_of_file\n")
    monkeypatch.setenv("STRIPE_PIPELINE_REPORTING_CURRENCY", "chf")
    settings = load_settings()
    assert settings.reporting_currency == "chf"
    assert settings.stripe_api_key
    assert settings.stripe_api_key.get_secret_value() == "rk_test_of_file"


def test_an_empty_variable_of_the_shell_hides_nothing(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text("STRIPE_PIPELINE_REPORTING_CURRENCY=eur\n")
    monkeypatch.setenv("STRIPE_PIPELINE_REPORTING_CURRENCY", "")
    assert load_settings().reporting_currency == "eur"


def test_a_path_in_the_file_starts_from_its_folder(file: Path) -> None:
    file.write_text("STRIPE_PIPELINE_HOME=var/shop\nSTRIPE_PIPELINE_CAMPAIGNS=/srv/campaigns\n")
    settings = load_settings()
    assert settings.home == file.parent / "var" / "shop"
    assert settings.campaigns == Path("/srv/campaigns")


def test_a_path_in_the_environment_starts_from_the_current_folder(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRIPE_PIPELINE_HOME", "shop")
    assert load_settings().home == tmp_path / "shop"


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfSTRIPE_PIPELINE_HOME=/srv/shop\r\nSTRIPE_PIPELINE_LIVE_SENDS=on\r\n",
        b"export STRIPE_PIPELINE_HOME='/srv/shop'\nSTRIPE_PIPELINE_LIVE_SENDS = \"on\"\n",
        b"# mine\nSTRIPE_PIPELINE_HOME=/srv/shop # the shop\nSTRIPE_PIPELINE_LIVE_SENDS=on   \n",
    ],
)
def test_files_of_any_editor_are_read(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    settings = load_settings()
    assert (settings.home, settings.live_sends) == (Path("/srv/shop"), True)


def test_a_line_that_sets_nothing_is_told_without_its_content(file: Path) -> None:
    file.write_text("STRIPE_API_KEY rk_live_secret\nSTRIPE_PIPELINE_HOME\nX=1\nX=2\n")
    with pytest.raises(UsageError) as raised:
        load_settings()
    assert "line 1 isn't NAME=value; line 2 isn't NAME=value; X has two values" in str(raised.value)
    assert "rk_live" not in str(raised.value)


def test_a_file_that_is_no_text_or_no_file(file: Path, tmp_path: Path) -> None:
    file.write_bytes("STRIPE_PIPELINE_HOME=/srv/ähm".encode("latin-1"))
    with pytest.raises(UsageError, match="isn't UTF-8"):
        load_settings()
    with pytest.raises(UsageError, match="can't be read"):
        settings_in(tmp_path, {})


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("STRIPE_PIPELINE_LIVE_SEND", "STRIPE_PIPELINE_LIVE_SENDS"),
        ("STRIPE_PIPELINE_TIMEZONE", "STRIPE_PIPELINE_REPORTING_TIMEZONE"),
        ("STRIPE_PIPLINE_HOME", "STRIPE_PIPELINE_HOME"),
        ("STRIPE_API_KYE", "STRIPE_API_KEY"),
        ("STRIPE_WEBHOOKS_SECRET", "STRIPE_WEBHOOK_SECRET"),
        ("stripe_pipeline_hme", "STRIPE_PIPELINE_HOME"),
        ("stripe_pipeline_home", "STRIPE_PIPELINE_HOME"),
        ("Stripe_Pipeline_Live_Sends", "STRIPE_PIPELINE_LIVE_SENDS"),
        ("STRIPEPIPELINE_HOME", "STRIPE_PIPELINE_HOME"),
        ("STRIPE_PIPELINEHOME", "STRIPE_PIPELINE_HOME"),
        ("STRIPE_PIPELINE-HOME", "STRIPE_PIPELINE_HOME"),
        ("STRIPE-PIPELINE-HOME", "STRIPE_PIPELINE_HOME"),
        ("STRIPE_PIPELINE.POLL_MINUTES", "STRIPE_PIPELINE_POLL_MINUTES"),
    ],
)
@pytest.mark.parametrize("where", ["file", "environment"])
def test_a_name_that_no_setting_has(
    file: Path, monkeypatch: pytest.MonkeyPatch, where: str, name: str, near: str
) -> None:
    if where == "file":
        file.write_text(f"{name}=x\n")
    else:
        monkeypatch.setenv(name, "x")
    with pytest.raises(UsageError, match=rf"no setting {name} \(did you mean {near}\?\)"):
        load_settings()


def test_a_file_that_is_named_and_is_not_there(file: Path) -> None:
    file.unlink()
    with pytest.raises(UsageError, match=f"{ENV_FILE_SETTING} names, isn't there"):
        load_settings()


def test_names_of_other_tools_are_none_of_ours(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("STRIPE_PUBLISHABLE_KEY=pk_test_x\nSTRIPE_API_KEY=rk_test_x\n")
    monkeypatch.setenv("STRIPE_SECRET_KEY", "x")
    monkeypatch.setenv("STRIPE_API_KEY2", "near, but ours is set")
    load_settings()


def test_every_mistake_is_told_at_once(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(
        "STRIPE_PIPELINE_LIVE_SENDS=yes\nSTRIPE_PIPELINE_HOEM=/srv/shop\nX=1\nX=2\nhome\n"
    )
    monkeypatch.setenv("STRIPE_PIPELINE_POLL_MINUTES", "3")
    monkeypatch.setenv("STRIPE_API_BASE", "https://evil.example")
    with pytest.raises(UsageError) as raised:
        load_settings()
    said = str(raised.value)
    assert "did you mean STRIPE_PIPELINE_HOME?" in said
    assert "it takes on or off, not yes (did you mean on?)" in said
    assert "whole number of minutes from 5 to 1440" in said
    assert "STRIPE_API_BASE is https://evil.example, which is neither Stripe nor this" in said
    assert f"he file {file} can't be used: line 5 isn't NAME=value; X has two values" in said


@pytest.mark.parametrize("value", ["yes", "On", "true", "1", " on", "onn", "live"])
def test_only_on_makes_sends_live_and_nothing_near_it_is_let_through(value: str) -> None:
    with pytest.raises(UsageError, match="STRIPE_PIPELINE_LIVE_SENDS"):
        load_settings(STRIPE_PIPELINE_LIVE_SENDS=value)


def test_the_file_cannot_name_another(file: Path) -> None:
    file.write_text(f"{ENV_FILE_SETTING}=/srv/other.env\n")
    with pytest.raises(UsageError, match="counts in the environment only"):
        load_settings()


@pytest.mark.parametrize("home", ["/srv/a\nb", "/srv/a\x1b[2J", "~no such user/x"])
def test_a_home_that_is_no_path(home: str) -> None:
    with pytest.raises(UsageError, match="STRIPE_PIPELINE_HOME"):
        load_settings(STRIPE_PIPELINE_HOME=home)


def test_the_current_folder_s_own_is_not_read_and_said_so(
    file: Path, tmp_path: Path, cli: Cli
) -> None:
    (tmp_path / ".env").write_text("STRIPE_PIPELINE_LIVE_SENDS=on\nOTHER=1\n")
    assert not load_settings().live_sends
    [remark] = remarks(file)
    assert "isn't read (STRIPE_PIPELINE_LIVE_SENDS)" in remark
    (tmp_path / "working_directory" / ".env").write_text("STRIPE_API_KEY=rk_test_x\n")
    done = cli("check")
    assert "STRIPE_API_KEY is not set" in done.stderr
    assert "isn't read (STRIPE_API_KEY)" in done.stderr
    assert "rk_test_x" not in done.stderr


def test_a_file_that_others_can_open_is_told_of(file: Path) -> None:
    assert not list(remarks(file))
    file.chmod(0o640)
    assert list(remarks(file)) == [
        f"Others on this machine can open {file}; close it with `chmod 600 {file}`."
    ]


def test_a_class_of_settings_reads_nothing_by_itself(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the environment nor a `.env` of the current folder, as pydantic's own can."""
    (tmp_path / ".env").write_text("STRIPE_PIPELINE_LIVE_SENDS=on\n")
    monkeypatch.setenv("STRIPE_PIPELINE_LIVE_SENDS", "on")
    assert not Settings().live_sends
    assert not load_settings({ENV_FILE_SETTING: str(file)}).live_sends
    assert load_settings().live_sends


def test_a_variable_in_a_value_is_of_the_environment_or_an_earlier_line(file: Path) -> None:
    file.write_text("SHOPS=${ROOT}/shops\nSTRIPE_PIPELINE_HOME=${SHOPS}/${NAME:-one}\n")
    found = load_settings({ENV_FILE_SETTING: str(file), "ROOT": "/srv"})
    assert found.home == Path("/srv/shops/one")
    with pytest.raises(UsageError, match=r"line 1 asks for \$\{ROOT\}, which isn't set"):
        load_settings({ENV_FILE_SETTING: str(file)})
