"""Whatever happens to an export, each message is written once, and the log knows it."""

import csv
import hashlib
import json
import os
import shutil
import signal
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from stripe_pipeline.activation import committing, files, writing
from stripe_pipeline.activation.consent import record_consent
from stripe_pipeline.activation.export import export
from stripe_pipeline.activation.files import unfinished, unfinished_exports
from stripe_pipeline.activation.outbox import entries_of
from stripe_pipeline.activation.suppress import lift, suppress
from stripe_pipeline.activation.taking_out import is_whole
from stripe_pipeline.errors import PipelineError
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.tables import entries
from stripe_pipeline.settings import Settings
from tests.activation.dying_export import PLACES, RECORDED, DyingExport
from tests.activation.shop import (
    AS_OF,
    consent,
    customer,
    exported,
    live,
    log,
    open_shop,
    publish_shop,
    statuses,
    stay,
)
from tests.variants import variants

PEOPLE = 120  # enough for files beyond the few kilobytes that a full disk takes here


@pytest.fixture
def full_shop(shop: Settings) -> Settings:
    people = [customer(number) for number in range(PEOPLE)]
    consents = [consent(one["email"]) for one in people]
    publish_shop(shop, people, [stay(one) for one in people], consents)
    return shop


def _assert_sound(settings: Settings) -> None:
    """Every finished folder is as its manifest says, and says the same in all of its files."""
    for folder in settings.exports.glob("*/[!.]*"):
        assert is_whole(folder)
        manifest = json.loads((folder / "manifest.json").read_text())
        lines = [json.loads(line) for line in (folder / "email.jsonl").read_text().splitlines()]
        with (folder / "email.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        keys = sorted(line["message_key"] for line in lines)
        assert sorted(row["message_key"] for row in rows) == keys
        assert sorted(entries_of(folder)["message_key"].to_pylist()) == keys
        assert manifest["messages"] == len(keys)
        digest = hashlib.sha256("\n".join(keys).encode()).hexdigest()
        assert manifest["message_keys_sha256"] == digest


def _assert_each_once(settings: Settings) -> None:
    _assert_sound(settings)
    keys = [message["message_key"] for message in exported(settings)]
    assert len(keys) == len(set(keys)) == PEOPLE
    logged = [row["message_key"] for row in log(settings)]
    assert sorted(logged) == sorted(keys)
    assert not list(settings.exports.rglob(".*"))
    assert not unfinished_exports(settings.exports)


def _move_away(settings: Settings) -> list[str]:
    """What a script does that takes each finished folder at once; returns the messages' keys."""
    keys = [message["message_key"] for message in exported(settings)]
    for folder in settings.exports.glob("*/[!.]*"):
        shutil.rmtree(folder)
    return keys


@pytest.mark.parametrize("where", PLACES)
def test_a_killed_export_is_completed_by_the_next(full_shop: Settings, where: str) -> None:
    assert DyingExport(full_shop, where).end() == -signal.SIGKILL
    report = export(live(full_shop), "email", AS_OF)
    assert len(report.finished.appeared) == (1 if where == "before_it_appears" else 0)
    assert not report.healed
    _assert_each_once(full_shop)
    assert export(live(full_shop), "email", AS_OF).new_messages == 0
    _assert_each_once(full_shop)


@variants("where", PLACES, quick=("before_it_appears", "after_it_appeared"))
def test_a_folder_that_is_moved_away_at_once_is_no_second_export(
    full_shop: Settings, where: str
) -> None:
    DyingExport(full_shop, where).end()
    keys = _move_away(full_shop)
    assert len(keys) == (PEOPLE if where in RECORDED[1:] else 0)
    for _ in range(3):
        export(live(full_shop), "email", AS_OF)
        keys += _move_away(full_shop)
    assert len(keys) == len(set(keys)) == PEOPLE


@variants("where", PLACES, quick=("before_it_appears", "after_it_appeared"))
def test_an_opt_out_counts_until_the_folder_appears(full_shop: Settings, where: str) -> None:
    DyingExport(full_shop, where).end()
    is_too_late = bool(exported(full_shop))
    record_consent(full_shop, "email", "Ann <C7@shop.example>", "opt_out", "a letter")
    suppress(full_shop, "all", "+12015550008", "a call")
    export(live(full_shop), "email", AS_OF)
    held = {"cus_0007": ("held", "opted_out"), "cus_0008": ("held", "suppressed")}
    found = {name: status for name, status in statuses(full_shop).items() if status[1]}
    assert found == ({} if is_too_late else held)
    addresses = [message["email"] for message in exported(full_shop)]
    assert len(addresses) == len(set(addresses)) == PEOPLE - len(found)
    _assert_sound(full_shop)
    lift(full_shop, "all", "+12015550008", "another call")
    export(live(full_shop), "email", AS_OF)
    assert statuses(full_shop)["cus_0008"] == ("exported", None)
    assert len(exported(full_shop)) == PEOPLE - len(found) + (1 if found else 0)


def test_an_opt_out_recorded_while_an_export_runs_counts(
    full_shop: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    works = writing.write

    def opting_out(*arguments: Any) -> Any:
        written = works(*arguments)
        record_consent(full_shop, "email", "c7@shop.example", "opt_out", "a letter")
        return written

    monkeypatch.setattr(committing, "write", opting_out)
    [campaign] = export(live(full_shop), "email", AS_OF).campaigns
    assert campaign.counts == {"exported": {"": PEOPLE - 1}, "held": {"opted_out": 1}}
    assert campaign.new_messages == len(exported(full_shop)) == PEOPLE - 1
    assert statuses(full_shop)["cus_0007"] == ("held", "opted_out")
    _assert_sound(full_shop)


def test_recording_an_opt_out_waits_for_the_folder(
    full_shop: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    works, seen = files.appear, list[list[pa.Table]]()

    def slowly(folder: Path) -> None:
        thread = threading.Thread(target=opt_out)
        thread.start()
        time.sleep(0.3)
        seen.append(list(Lake(full_shop.lake).read("consent_entries", ["status"])))
        works(folder)
        threads.append(thread)

    def opt_out() -> None:
        record_consent(full_shop, "email", "c7@shop.example", "opt_out", "a letter")

    threads: list[threading.Thread] = []
    monkeypatch.setattr(committing, "appear", slowly)
    export(live(full_shop), "email", AS_OF)
    threads[0].join()
    assert sum(rows.num_rows for rows in seen[0]) == 0
    assert len(exported(full_shop)) == PEOPLE


def test_all_that_is_left_may_have_to_be_held(shop: Settings) -> None:
    person = customer(1)
    publish_shop(shop, [person], [stay(person)], [consent(person["email"])])
    DyingExport(shop, "before_it_appears").end()
    suppress(shop, "email", person["email"], "bounced")
    report = export(live(shop), "email", AS_OF)
    assert (report.finished.appeared, report.new_messages) == ([], 0)
    assert not list(shop.exports.glob("*/*"))
    lift(shop, "email", person["email"], "a new mailbox")
    assert export(live(shop), "email", AS_OF).new_messages == 1


@pytest.mark.parametrize("where", ["before_taking_out", "before_it_appears"])
def test_finishing_may_be_killed_too(full_shop: Settings, where: str) -> None:
    DyingExport(full_shop, "before_it_appears").end()
    record_consent(full_shop, "email", "c7@shop.example", "opt_out", "a letter")
    assert DyingExport(full_shop, f"finishing_{where}").end() == -signal.SIGKILL
    export(live(full_shop), "email", AS_OF)
    assert len(exported(full_shop)) == PEOPLE - 1
    assert statuses(full_shop)["cus_0007"] == ("held", "opted_out")
    _assert_sound(full_shop)


@variants(
    "name",
    ["email.jsonl", "email.csv", "entries.parquet", "manifest.json"],
    quick=("entries.parquet",),
)
@pytest.mark.parametrize("is_gone", [True, False])
def test_a_torn_folder_that_no_one_saw_is_written_again(
    full_shop: Settings, name: str, is_gone: bool
) -> None:
    DyingExport(full_shop, "before_it_appears").end()
    [torn] = map(unfinished, unfinished_exports(full_shop.exports))
    if is_gone:
        (torn / name).unlink()
    else:
        os.truncate(torn / name, (torn / name).stat().st_size // 2)
    report = export(live(full_shop), "email", AS_OF)
    assert (report.finished.appeared, report.new_messages) == ([], PEOPLE)
    keys = [message["message_key"] for message in exported(full_shop)]
    assert len(keys) == len(set(keys)) == PEOPLE
    _assert_sound(full_shop)
    assert export(live(full_shop), "email", AS_OF).new_messages == 0


def test_a_live_export_doesnt_appear_while_sends_are_off(full_shop: Settings) -> None:
    DyingExport(full_shop, "before_it_appears").end()
    report = export(full_shop, "email", AS_OF)
    assert len(report.finished.waiting) == 1
    assert not exported(full_shop)
    assert len(export(live(full_shop), "email", AS_OF).finished.appeared) == 1
    _assert_each_once(full_shop)


def test_a_late_run_finishes_what_was_interrupted(full_shop: Settings) -> None:
    DyingExport(full_shop, "before_it_appears").end()
    move = {"segment": "vip", "stripe_customer_id": "cus_9", "move": "entered"}
    lake = Lake(full_shop.lake)
    with lake.writing():
        rows = entries("segment_moves", [move | {"moved_at": AS_OF + timedelta(days=1)}])
        lake.append("segment_moves", rows, cursor={})
    assert export(live(full_shop), "email", AS_OF).is_late
    _assert_each_once(full_shop)


def test_an_error_in_the_last_step_leaves_the_folder_to_the_next_export(
    full_shop: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(folder: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched, pytest.raises(PipelineError, match="No space left"):
        patched.setattr(committing, "appear", fails)
        export(live(full_shop), "email", AS_OF)
    assert not exported(full_shop)
    export(live(full_shop), "email", AS_OF)
    _assert_each_once(full_shop)


def test_two_exports_at_once_export_once(full_shop: Settings) -> None:
    both = [DyingExport(full_shop, "nowhere") for _ in range(2)]
    assert [one.end() for one in both] == [0, 0]
    _assert_each_once(full_shop)


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("versions_that_fit_no_disk", "The lake's table campaign_versions can't be written "),
        ("messages_that_fit_no_disk", "The exports can't be written to "),
    ],
)
def test_a_full_disk_leaves_nothing_half_written(
    full_shop: Settings, where: str, said: str
) -> None:
    process = DyingExport(full_shop, where)
    assert process.end() == 1
    assert process.said.startswith(said)
    assert not list(full_shop.exports.rglob("*.*"))
    assert not unfinished_exports(full_shop.exports)
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


def test_exports_on_another_disk_are_written_beside(
    full_shop: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_device", hash)
    with monkeypatch.context() as patched, pytest.raises(PipelineError):
        patched.setattr(committing, "appear", _full)
        export(live(full_shop), "email", AS_OF)
    assert len(list(full_shop.exports.glob("thanks/.*.tmp"))) == 1
    export(live(full_shop), "email", AS_OF)
    _assert_each_once(full_shop)


def _full(folder: Path) -> None:
    raise OSError(28, "No space left on device", str(folder))
