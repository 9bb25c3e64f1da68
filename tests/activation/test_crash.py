"""Whatever happens to an export, each message is written once, and the log knows it."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stripe_pipeline.activation.export import export
from stripe_pipeline.errors import PipelineError
from stripe_pipeline.settings import PROJECT_ROOT, Settings
from tests.activation.dying_export import PLACES
from tests.activation.shop import (
    AS_OF,
    consent,
    customer,
    exported,
    live,
    log,
    open_shop,
    publish_shop,
    stay,
)

PEOPLE = 120  # enough for files beyond the few kilobytes that a full disk takes here


@pytest.fixture
def full_shop(shop: Settings) -> Settings:
    people = [customer(number) for number in range(PEOPLE)]
    consents = [consent(one["email"]) for one in people]
    publish_shop(shop, people, [stay(one) for one in people], consents)
    return shop


def _start(settings: Settings, where: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.activation.dying_export", str(settings.home), where]
    return subprocess.Popen(command, cwd=PROJECT_ROOT, stderr=subprocess.PIPE, text=True)


def _assert_each_once(settings: Settings) -> None:
    keys = [message["message_key"] for message in exported(settings)]
    assert len(keys) == len(set(keys)) == PEOPLE
    logged = [row["message_key"] for row in log(settings)]
    assert sorted(logged) == sorted(keys)
    assert not list(settings.exports.rglob(".*"))


@pytest.mark.parametrize("where", PLACES)
def test_a_killed_export_is_completed_by_the_next(full_shop: Settings, where: str) -> None:
    process = _start(full_shop, where)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    report = export(live(full_shop), "email", AS_OF)
    assert len(report.healed) == (1 if where == "before_the_log" else 0)
    _assert_each_once(full_shop)
    assert export(live(full_shop), "email", AS_OF).new_messages == 0
    _assert_each_once(full_shop)


def test_two_exports_at_once_export_once(full_shop: Settings) -> None:
    processes = [_start(full_shop, "nowhere") for _ in range(2)]
    outputs = [process.communicate()[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    _assert_each_once(full_shop)


def test_a_full_disk_leaves_nothing_half_written(full_shop: Settings) -> None:
    process = _start(full_shop, "disk_full")
    _, said = process.communicate()
    assert process.returncode == 1
    assert said.startswith("The exports can't be written to ")
    assert "Traceback" not in said
    assert not list(full_shop.exports.rglob("*.*"))
    assert not log(full_shop)
    export(live(full_shop), "email", AS_OF)
    _assert_each_once(full_shop)


def test_a_folder_that_cant_be_made_is_one_plain_sentence(full_shop: Settings) -> None:
    full_shop.exports.mkdir()
    (full_shop.exports / "thanks").write_text("a file where the campaign's folder should be")
    with pytest.raises(PipelineError, match="The exports can't be written"):
        export(full_shop, "email", AS_OF)
    assert not log(full_shop)


def test_an_unreadable_unrecorded_export_stops_everything(full_shop: Settings) -> None:
    folder = full_shop.exports / "thanks" / "20261122T100000Z-live-0123456789ab"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{}")
    with pytest.raises(PipelineError, match=r"never recorded.*restore that file"):
        export(full_shop, "email", AS_OF)
    assert not log(full_shop)


def test_a_lost_log_is_rebuilt_from_the_exports(tmp_path: Path) -> None:
    settings = open_shop(tmp_path / "home")
    person = customer(1)
    publish_shop(settings, [person], [stay(person)], [consent(person["email"])])
    export(live(settings), "email", AS_OF)
    before = log(settings)
    for batch in (settings.lake / "outbox_entries").iterdir():
        batch.unlink()
    assert export(live(settings), "email", AS_OF).new_messages == 0
    assert log(settings) == before
