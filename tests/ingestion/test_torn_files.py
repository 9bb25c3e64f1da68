"""A file of the lake that is damaged is quarantined, and what Stripe has of it is read again."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.ingestion.mirror import writer
from stripe_pipeline.ingestion.sync import SyncReport, sync
from stripe_pipeline.lake import Batch, Lake
from stripe_pipeline.lake.tables import entries
from stripe_pipeline.settings import Settings
from tests.fake_stripe.server import Account
from tests.fake_stripe.shop import add_invoice, stock
from tests.ingestion.lakes import assert_mirrors, current, versions
from tests.variants import variants

NOW = datetime(2026, 11, 1, tzinfo=UTC)
Damage = Callable[[Path], None]


def cut_short(path: Path) -> None:
    os.truncate(path, path.stat().st_size * 2 // 3)


def emptied(path: Path) -> None:
    os.truncate(path, 0)


def zeroed_within(path: Path) -> None:
    """A hole where pages were; the footer still tells of them."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 4)
        file.write(bytes(path.stat().st_size // 4))


def nonsense_at_the_end(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(-40, os.SEEK_END)
        file.write(b"\x5a" * 32)


DAMAGES = (cut_short, emptied, zeroed_within, nonsense_at_the_end)


def unnoticed(path: Path, damage: Damage) -> None:
    """Damage as a failing disk does it: no one wrote, so the time of the last change stays."""
    before = path.stat()
    damage(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.fixture
def batches(
    account: Account, settings: Settings, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> list[Batch]:
    """The invoices' batches: several of a first sync, one of a second."""
    monkeypatch.setattr(writer, "LARGEST_BATCH_BYTES", 5_000)
    stock(account, 120)
    sync(settings)
    paid = add_invoice(account, 7, status="paid", receipt="A-7")
    account.event("invoice.paid", paid)
    account.event("invoice.deleted", account.delete("invoices", "in_0008"))
    sync(settings)
    found = lake.batches("invoices")
    assert len(found) > 3
    return found


def assert_repaired(lake: Lake, account: Account, batch: Batch, report: SyncReport) -> None:
    """All is there again, from the one resource that was read whole, and no number came twice."""
    assert_mirrors(lake, account)
    assert [each.name for each in report.resources if each.how == "full"] == [batch.table]
    (sentence,) = report.announcements
    assert "damaged" in sentence and sentence.endswith("Invoices.")
    folder = batch.path.parent
    assert [path.suffix for path in folder.glob(f"*{batch.path.stem}.parquet*")] == [".torn"]
    assert batch.sequence < lake.batches(batch.table)[-1].sequence


@pytest.mark.parametrize("damage", DAMAGES)
@variants("place", [0, 1, -1])
def test_what_it_held_is_read_again(
    account: Account,
    settings: Settings,
    lake: Lake,
    batches: list[Batch],
    damage: Damage,
    place: int,
) -> None:
    damage(batches[place].path)
    assert_repaired(lake, account, batches[place], sync(settings))
    requests = len(account.requests)
    assert sync(settings).announcements == []
    assert len(account.requests) - requests < 20


def test_the_deletion_that_it_told_of_is_told_again(
    account: Account, settings: Settings, lake: Lake, batches: list[Batch]
) -> None:
    cut_short(batches[-1].path)
    sync(settings)
    assert current(lake, "invoices")["in_0008"]["deleted"] is True


def test_damage_that_no_one_noticed_shows_when_it_is_read(
    account: Account, settings: Settings, lake: Lake, batches: list[Batch]
) -> None:
    unnoticed(batches[1].path, zeroed_within)
    report = sync(settings, full=True)
    assert_mirrors(lake, account)
    assert any("damaged" in each for each in report.announcements)
    assert not batches[1].path.exists()


def test_a_sync_that_is_killed_on_the_way_leaves_the_rest_to_the_next(
    account: Account, settings: Settings, lake: Lake, batches: list[Batch]
) -> None:
    cut_short(batches[0].path)
    account.fault = lambda request: _refuse_invoices(request.path)
    with pytest.raises(PipelineError):
        sync(settings)
    assert not batches[0].path.exists()
    account.fault = lambda request: None
    assert_repaired(lake, account, batches[0], sync(settings))


def _refuse_invoices(path: str) -> None:
    if path == "/v1/invoices":
        raise ConnectionResetError


def test_a_delivery_has_it_repaired_too(
    account: Account, settings: Settings, lake: Lake, batches: list[Batch]
) -> None:
    """Else tables would be built of a lake that lacks a part."""
    cut_short(batches[0].path)
    assert_repaired(lake, account, batches[0], sync(settings, deliveries_only=True))


def test_every_batch_of_a_resource(
    account: Account, settings: Settings, lake: Lake, batches: list[Batch]
) -> None:
    for batch in batches:
        emptied(batch.path)
    sync(settings)
    assert_mirrors(lake, account)
    assert len(versions(lake, "invoices")) == len(account.objects["invoices"])


def test_the_events_and_how_far_they_were_followed(
    account: Account, settings: Settings, lake: Lake, batches: list[Batch]
) -> None:
    cut_short(lake.batches("events")[-1].path)
    changed = add_invoice(account, 9, status="void")
    account.event("invoice.voided", changed)
    sync(settings)
    assert_mirrors(lake, account)


def test_what_the_key_may_read_is_found_out_again(
    account: Account, settings: Settings, lake: Lake, batches: list[Batch]
) -> None:
    cut_short(lake.batches("resource_access")[0].path)
    sync(settings)
    (_, found) = lake.read("resource_access", ["resource"])
    assert "invoices" in found["resource"].to_pylist()


def test_consent_is_not_given_up(account: Account, settings: Settings, lake: Lake) -> None:
    row = {"channel": "email", "address": "a@example.org", "status": "opt_out", "source": "form"}
    with lake.writing():
        log = [{**row, "occurred_at": NOW, "recorded_at": NOW}]
        batch = lake.append("consent_entries", entries("consent_entries", log), {})
    nonsense_at_the_end(batch.path)
    with pytest.raises(PipelineError, match=r"consent_entries stands nowhere else.*backup"):
        sync(settings)
    assert batch.path.exists()
    assert account.requests == []


def test_sound_files_are_read_once_to_look_for_damage(
    settings: Settings, lake: Lake, batches: list[Batch]
) -> None:
    """Those that a sync writes not even once; without the cache, all of them."""
    paths = [batch.path for batch in batches]
    assert lake.checked.unknown(paths) == []
    os.utime(paths[0])
    assert lake.checked.unknown(paths) == [paths[0]]
    sync(settings)
    assert lake.checked.unknown(paths) == []
    (lake.root / ".checked.json").write_bytes(b"\0" * 50)
    assert lake.checked.unknown(paths) == paths
    sync(settings)
    assert lake.checked.unknown(paths) == []
