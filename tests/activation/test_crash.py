"""Whatever happens to an export, each message is written once, and the log knows it."""

import shutil
import signal
from pathlib import Path

import pytest

from stripe_pipeline.activation.export import export
from stripe_pipeline.errors import PipelineError
from stripe_pipeline.settings import Settings
from tests.activation.dying_export import PLACES, DyingExport
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


def _assert_each_once(settings: Settings) -> None:
    keys = [message["message_key"] for message in exported(settings)]
    assert len(keys) == len(set(keys)) == PEOPLE
    logged = [row["message_key"] for row in log(settings)]
    assert sorted(logged) == sorted(keys)
    assert not list(settings.exports.rglob(".*"))


@pytest.mark.parametrize("where", PLACES)
def test_a_killed_export_is_completed_by_the_next(full_shop: Settings, where: str) -> None:
    assert DyingExport(full_shop, where).end() == -signal.SIGKILL
    report = export(live(full_shop), "email", AS_OF)
    assert len(report.healed) == (1 if where == "before_the_log" else 0)
    _assert_each_once(full_shop)
    assert export(live(full_shop), "email", AS_OF).new_messages == 0
    _assert_each_once(full_shop)


def test_two_exports_at_once_export_once(full_shop: Settings) -> None:
    both = [DyingExport(full_shop, "nowhere") for _ in range(2)]
    assert [one.end() for one in both] == [0, 0]
    _assert_each_once(full_shop)


def test_a_full_disk_leaves_nothing_half_written(full_shop: Settings) -> None:
    process = DyingExport(full_shop, "disk_full")
    assert process.end() == 1
    assert process.said.startswith("The exports can't be written to ")
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


def test_a_copied_or_renamed_export_is_no_second_one(full_shop: Settings) -> None:
    folder = export(full_shop, "email", AS_OF).campaigns[0].folder
    assert folder is not None
    shutil.copytree(folder, folder.with_name("a copy"))
    folder.rename(folder.with_name("renamed"))
    before = log(full_shop)
    assert export(full_shop, "email", AS_OF).new_messages == 0
    assert log(full_shop) == before
