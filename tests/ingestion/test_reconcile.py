"""A lake that was tampered with is found out to the object, and repaired; changes are no drift."""

import shutil
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stripe_pipeline.demo.store import Faults, Options, Store, build_store, serve
from stripe_pipeline.ingestion.mirror import writer
from stripe_pipeline.ingestion.reconciliation.reconcile import reconcile
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.catalog import RESOURCES
from tests.ingestion.lakes import live
from tests.ingestion.tampering import (
    assert_same_as_fresh,
    change,
    change_one,
    contents,
    found,
    settings_of,
    settled,
    tamper,
)
from tests.variants import variants

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
CUSTOMERS = 60


@pytest.fixture(scope="module")
def shop() -> Iterator[tuple[Store, str]]:
    """A store that no test changes."""
    with build_store(CUSTOMERS, 1, NOW) as store, serve(store) as url:
        yield store, url


@pytest.fixture(scope="module")
def mirrored(shop: tuple[Store, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that mirrors it, in batches so small that each resource has some."""
    home = tmp_path_factory.mktemp("mirrored") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "LARGEST_BATCH_BYTES", 60_000)
        sync(settings_of(home, shop[1]))
    return home


@pytest.fixture
def settings(shop: tuple[Store, str], mirrored: Path, tmp_path: Path) -> Settings:
    """A copy of that home."""
    shutil.copytree(mirrored, tmp_path / "home")
    return settings_of(tmp_path / "home", shop[1])


@pytest.fixture
def own_shop(tmp_path: Path) -> Iterator[Store]:
    """A store for a test that changes it."""
    with build_store(CUSTOMERS, 2, NOW) as store:
        yield store


@variants("seed", [3, 4, 5])
def test_an_honest_lake_has_no_drift(seed: int, tmp_path: Path) -> None:
    with build_store(CUSTOMERS, seed, NOW) as store, serve(store) as url:
        settings = settings_of(tmp_path / "home", url)
        sync(settings)
        report = reconcile(settings)
    assert found(report) == {}
    assert not any(each.is_first for each in report.resources)
    listed = {each.resource: each.compared for each in report.resources}
    assert listed["invoices"] == len(live(Lake(settings.lake), "invoices"))
    assert min(listed.values()) > 0


def test_a_first_reading_is_no_drift(shop: tuple[Store, str], tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "home", shop[1])
    report = reconcile(settings)
    assert found(report) == {}
    assert all(each.is_first for each in report.resources)
    assert len(live(Lake(settings.lake), "customers")) > 0


def test_each_kind_of_difference_is_counted_and_repaired(settings: Settings) -> None:
    truth = contents(settings)
    invoices, charges = list(truth["invoices"].values()), list(truth["charges"].values())
    long = next(each for each in invoices if len(each["lines"]["data"]) > 10)
    others = [each for each in invoices if each["id"] != long["id"]]
    lines = [*long["lines"]["data"][:-1], {**long["lines"]["data"][-1], "amount": 1}]
    customers = [each for each in truth["customers"].values() if not each.get("deleted")]
    tamper(
        settings, "invoices",
        {**others[0], "amount_paid": others[0]["amount_paid"] + 1},
        {**others[1], "hosted_invoice_url": "https://invoice.example/x"},
        {**others[2], "metadata": {"amount": "7"}},
        {**long, "lines": {**long["lines"], "data": lines}},
        {**others[3], "id": "in_nobody"},
    )  # fmt: skip
    tamper(
        settings, "charges",
        {**charges[0], "status": "failed"},
        {**charges[1], "currency": "xxx"},
        {**charges[2], "customer": "cus_other"},
    )  # fmt: skip
    tamper(
        settings, "customers",
        {"id": customers[0]["id"], "object": "customer", "deleted": True},
        {**customers[1], "email": "stale@example.org"},
        {**customers[2], "description": "other"},
    )  # fmt: skip
    report = settled(settings)
    assert found(report) == {
        "invoices": {"stale": 2, "cosmetic": 2, "surplus": 1},
        "charges": {"stale": 3},
        "customers": {"missing": 1, "stale": 1, "cosmetic": 1},
    }
    assert {each.resource: each.repaired for each in report.resources if each.repaired} == {
        "invoices": 5, "charges": 3, "customers": 3,
    }  # fmt: skip
    examples = next(each.examples for each in report.resources if each.resource == "invoices")
    assert "surplus in_nobody" in examples
    assert contents(settings) == truth
    assert found(settled(settings)) == {}


# The very last batch has nothing but the cleaned versions of deleted customers' invoices.
@pytest.mark.parametrize("lost", [slice(0, 1), slice(-2, None)], ids=["oldest", "newest"])
def test_a_lost_batch_is_missing_objects(settings: Settings, lost: slice) -> None:
    lake = Lake(settings.lake)
    truth = contents(settings)
    batches = [batch for batch in lake.batches("invoices") if batch.rows()]
    assert len(batches) > 1
    begin, end = batches[lost][0].sequence, batches[lost][-1].sequence
    for batch in lake.batches("invoices"):
        # The newest go with the empty one that says that the reading was finished.
        if begin <= batch.sequence <= end or (end == batches[-1].sequence < batch.sequence):
            batch.path.unlink()
    missing = truth["invoices"].keys() - live(lake, "invoices").keys()
    assert missing
    assert found(settled(settings)) == {"invoices": {"missing": len(missing)}}
    assert contents(settings) == truth


def test_what_no_event_tells_of_is_no_drift(own_shop: Store, tmp_path: Path) -> None:
    """Lines of an open invoice change in silence; its status, or a paid invoice, doesn't."""
    with serve(own_shop) as url:
        settings = settings_of(tmp_path / "home", url)
        sync(settings)
        invoices = live(Lake(settings.lake), "invoices").values()
        unpaid = [each for each in invoices if each["status"] in {"draft", "open"}]
        paid = [each for each in invoices if each["status"] == "paid"]
        for body in (unpaid[0], paid[0]):
            lines = [{**each, "amount": 1} for each in body["lines"]["data"]]
            changed = {**body, "total": 7, "lines": {**body["lines"], "data": lines}}
            own_shop.put(changed, silently=True)
        own_shop.put({**unpaid[1], "status": "void"}, silently=True)
        links = list(live(Lake(settings.lake), "invoice_payments").values())
        paying = [each for each in links if each["status"] == "paid"]
        tamper(settings, "invoice_payments", *({**each, "status": "open"} for each in paying[:2]))
        own_shop.put({**paying[0], "status": "canceled"}, silently=True)
        code = next(iter(live(Lake(settings.lake), "promotion_codes")))
        own_shop.delete("promotion_codes", code)
        report = settled(settings)
    assert found(report) == {
        "invoices": {"stale": 2, "changed": 1},
        "invoice_payments": {"stale": 1, "changed": 1},
        "promotion_codes": {"changed": 1},
    }


def test_a_lost_table_is_missing_objects(settings: Settings) -> None:
    truth = contents(settings)
    shutil.rmtree(settings.lake / "charges")
    # Charges are listed by creation, which may be minutes late: the newest could be new.
    followed_to = max(event["created"] for event in truth["events"].values())
    newest = sum(each["created"] >= followed_to - 600 for each in truth["charges"].values())
    report = settled(settings)
    counts = found(report).pop("charges")
    assert counts["missing"] == len(truth["charges"]) - newest
    assert counts.get("changed", 0) == newest <= 2
    assert contents(settings) == truth


def test_it_is_recorded_in_the_lake(settings: Settings) -> None:
    shutil.rmtree(settings.lake / "charges")
    report = settled(settings)
    rows = [row for part in Lake(settings.lake).read("reconciliations") for row in part.to_pylist()]
    assert [row["resource"] for row in rows] == [each.name for each in RESOURCES]
    charges = next(row for row in rows if row["resource"] == "charges")
    assert charges["missing"] + charges["changed"] == charges["repaired"] == charges["compared"]
    assert charges["missing"] > 0
    assert {row["reconciled_at"] for row in rows} == {report.reconciled_at}


def test_what_changed_since_the_last_sync_is_no_drift(own_shop: Store, tmp_path: Path) -> None:
    with serve(own_shop) as url:
        settings = settings_of(tmp_path / "home", url)
        sync(settings)
        customers = change(own_shop, settings, 5)
        report = settled(settings)
        assert found(report)["customers"] == {"changed": len(customers)}
        assert report.drift == 0
        assert_same_as_fresh(settings, url, tmp_path)


def test_what_changes_while_it_is_listed_is_no_drift(own_shop: Store, tmp_path: Path) -> None:
    with serve(own_shop, Options(), Faults(latency=0.02)) as url:
        settings = settings_of(tmp_path / "home", url)
        sync(settings)
        done = threading.Event()

        def mutate() -> None:
            number = 0
            while not done.is_set():
                number += 1
                change_one(own_shop, settings, number)
                time.sleep(0.01)

        changing = threading.Thread(target=mutate)
        changing.start()
        try:
            reports = [settled(settings) for _ in range(3)]
        finally:
            done.set()
            changing.join()
        assert [report.drift for report in reports] == [0, 0, 0]
        assert sum(each.changed for report in reports for each in report.resources) > 0
        sync(settings)
        assert_same_as_fresh(settings, url, tmp_path)


def test_an_event_that_comes_late_is_waited_for(own_shop: Store, tmp_path: Path) -> None:
    """The change is listed at once, and the event that tells of it two seconds later."""
    own_shop.now = int(time.time())
    with serve(own_shop, Options(event_lag=2)) as url:
        settings = settings_of(tmp_path / "home", url)
        sync(settings)
        customer = next(iter(live(Lake(settings.lake), "customers").values()))
        own_shop.put({**customer, "email": "new@example.org"}, at=int(time.time()))
        with_clock = threading.Event()

        def tick() -> None:
            while not with_clock.wait(0.1):
                own_shop.now = int(time.time())

        ticking = threading.Thread(target=tick)
        ticking.start()
        try:
            report = reconcile(settings, settling=4)
        finally:
            with_clock.set()
            ticking.join()
    assert found(report) == {"customers": {"changed": 1}}


def test_a_key_without_a_permission(
    shop: tuple[Store, str], settings: Settings, tmp_path: Path
) -> None:
    poor = "rk_test_poor0000000000000"
    shutil.rmtree(settings.lake / "charges")
    with serve(shop[0], Options(keys={poor: frozenset({"charge_read"})})) as url:
        report = settled(settings_of(settings.home, url, poor))
    names = {each.resource for each in report.resources}
    assert names == {each.name for each in RESOURCES} - {"charges", "refunds"}
    assert any("charge_read" in warning for warning in report.warnings)
    assert report.drift == 0


def test_a_key_without_events_says_what_it_cannot_tell(
    shop: tuple[Store, str], settings: Settings
) -> None:
    poor = "rk_test_poor0000000000000"
    truth = contents(settings)
    charges = list(truth["charges"].values())
    tamper(settings, "charges", {**charges[0], "amount": 1})
    Lake(settings.lake).batches("invoices")[0].path.unlink()
    lost = len(truth["invoices"]) - len(live(Lake(settings.lake), "invoices"))
    with serve(shop[0], Options(keys={poor: frozenset({"event_read"})})) as url:
        report = settled(settings_of(settings.home, url, poor))
    counts = found(report)
    assert counts["charges"] == {"changed": 1}
    assert counts["invoices"]["missing"] + counts["invoices"].get("changed", 0) == lost
    assert any("Without events it is unknown whether 1 object " in each
               for each in report.warnings)  # fmt: skip
    assert {**contents(settings), "events": {}} == {**truth, "events": {}}
