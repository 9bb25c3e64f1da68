"""One object never stops an account: it is kept apart with its reason, and all else goes on."""

from collections.abc import Callable
from typing import Any

import pytest

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.ingestion.reconciliation.reconcile import reconcile
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.quarantine import TABLE, in_quarantine
from stripe_pipeline.lake_checks.quarantined import quarantined_verdict
from stripe_pipeline.settings import Settings
from tests.fake_stripe.odd_objects import ODD, WITH_ID, WITHOUT_ID, body
from tests.fake_stripe.server import Account
from tests.fake_stripe.shop import SPRING, stock
from tests.ingestion.lakes import assert_mirrors, current, live, versions
from tests.ingestion.spoiling import held, kept_bodies, spoiled
from tests.variants import variants

# How each kind of oddity is recognized: tests/stripe_client/test_unusable.py.
QUICK = ("no UTF-8", "nested thousands deep", "an amount as text", "no type", "no id", "nothing")


@variants("name", ODD, quick=QUICK)
def test_everything_else_goes_on(
    account: Account, settings: Settings, lake: Lake, name: str
) -> None:
    """Of three pages, one object in the middle of the first is odd."""
    odd, words = ODD[name]
    stock(account, 250)
    account.fault = spoiled(account, in_0200=odd)
    sync(settings)
    [found] = in_quarantine(lake)
    assert words in found.reason
    assert (found.resource, found.object_id) == ("invoices", "in_odd" if name in WITH_ID else None)
    assert kept_bodies(lake)[-1] == odd
    account.fault = lambda _: None
    del account.objects["invoices"]["in_0200"]
    assert_mirrors(lake, account)


@pytest.mark.parametrize("odd", [WITH_ID["NaN"][0], WITHOUT_ID["no id"][0], b"null"])
@pytest.mark.parametrize("places", [[151], [249], [0], range(140, 160), range(120, 230)])
def test_wherever_on_a_page_it_stands(
    account: Account, settings: Settings, lake: Lake, odd: bytes, places: Any
) -> None:
    """The last of a page, the first and the last of all, many at once."""
    stock(account, 250)
    ids = [f"in_{number:04d}" for number in places]
    account.fault = spoiled(account, **dict.fromkeys(ids, odd))
    if len(ids) > 100 and b"in_odd" not in odd:
        with pytest.raises(PipelineError, match="no object of a page has an id to go on after"):
            sync(settings)
        return
    sync(settings)
    assert len(in_quarantine(lake)) == 1  # all are the same
    for each in ids:
        del account.objects["invoices"][each]
    account.fault = lambda _: None
    assert_mirrors(lake, account)


def test_what_the_check_says(account: Account, settings: Settings, lake: Lake) -> None:
    stock(account, 250)
    sync(settings)
    assert quarantined_verdict(lake, "invoices").passed
    ids = [f"in_{number:04d}" for number in range(200, 207)]
    fields: Callable[..., bytes] = body
    odd = {each: fields(id=each, total="12") for each in ids} | {"in_0100": b"null"}
    account.fault = spoiled(account, **odd)
    sync(settings, full=True)
    verdict = quarantined_verdict(lake, "invoices")
    assert not verdict.passed
    assert verdict.numbers["quarantined"] == 8
    assert "8 invoices can't be used" in verdict.sentence
    assert "in_0100 (it isn't an object" in verdict.sentence
    assert "in_0201 (its total can't be counted with" in verdict.sentence
    assert "; and 3 more" in verdict.sentence
    assert "stripe-pipeline sync" in verdict.sentence
    assert "\n" not in verdict.sentence
    assert quarantined_verdict(lake, "customers").passed


def test_an_older_version_stays_until_a_usable_one_comes(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    was = synced.objects["invoices"]["in_0003"]
    changed = synced.objects["invoices"]["in_0003"] = was | {"total": 7}
    synced.event("invoice.updated", changed)
    synced.fault = spoiled(synced, in_0003=body(id="in_0003", total=b"NaN"))
    report = sync(settings)
    assert held(lake)["in_0003"].startswith("it isn't valid JSON")
    assert report["invoices"].quarantined == 1
    assert live(lake, "invoices")["in_0003"] == was
    assert sync(settings).rows == 0
    assert len(kept_bodies(lake)) == 1, "the same body is kept once"
    synced.fault = lambda _: None
    assert sync(settings)["invoices"].changed == 1
    assert held(lake) == {}
    assert_mirrors(lake, synced)


def test_mended_to_what_it_was_before(synced: Account, settings: Settings, lake: Lake) -> None:
    """Nothing has to be written but that it is usable."""
    synced.fault = spoiled(synced, in_0003=body(id="in_0003", total="x"))
    sync(settings, full=True)
    assert list(held(lake)) == ["in_0003"]
    synced.fault = lambda _: None
    assert sync(settings).rows == 0
    assert held(lake) == {}


def test_what_has_no_id_is_released_by_a_whole_reading(
    account: Account, settings: Settings, lake: Lake
) -> None:
    stock(account, 5)
    account.fault = spoiled(account, in_0003=b'{"nothing": "of use"}')
    for full in (False, False, True):
        sync(settings, full=full)
        [found] = in_quarantine(lake)
        assert (found.object_id, found.after_id) == (None, "in_0004")
        assert "the one after in_0004 (it" in quarantined_verdict(lake, "invoices").sentence
    account.fault = lambda _: None
    sync(settings, full=True)
    assert held(lake) == {}
    assert_mirrors(lake, account)


def test_what_has_no_id_any_more(synced: Account, settings: Settings, lake: Lake) -> None:
    """It isn't in the list under its id, so it is asked for: then it is known which it is."""
    synced.fault = spoiled(synced, in_0003=b'{"nothing": "of use"}')
    for full in (True, False, True):
        sync(settings, full=full)
        assert held(lake) == {"in_0003": "it has no usable id"}
    assert "in_0003" in live(lake, "invoices")
    synced.fault = lambda _: None
    sync(settings)
    assert held(lake) == {}


def test_deleted_in_stripe(account: Account, settings: Settings, lake: Lake) -> None:
    stock(account, 5)
    account.fault = spoiled(account, in_0003=body(id="in_0003", total="x"))
    sync(settings)
    account.fault = lambda _: None
    account.delete("invoices", "in_0003")
    sync(settings)
    assert held(lake) == {}


def test_a_comparison_leaves_it_out(synced: Account, settings: Settings, lake: Lake) -> None:
    synced.fault = spoiled(
        synced, in_0003=body(id="in_0003", total="x"), cus_0004=b"null", ch_1=b"[]"
    )
    report = reconcile(settings, settling=0)
    assert report.drift == 0
    assert len(in_quarantine(lake)) == 3
    assert not any(row.get("deleted") for row in current(lake, "customers").values())
    synced.fault = lambda _: None
    reconcile(settings, settling=0)
    assert held(lake) == {}
    assert_mirrors(lake, synced)


def test_an_interrupted_pass_forgets_nothing(
    account: Account, settings: Settings, lake: Lake
) -> None:
    """What the first process met stays in quarantine when another one finishes."""
    stock(account, 5)
    odd = {"in_0003": b'{"id": ""}'}
    account.fault = spoiled(account, **odd)
    sync(settings, resources=["invoices"])
    account.fault = lambda _: None
    before = held(lake)
    sync(settings)
    assert held(lake) == before != {}


def test_what_is_asked_for_when_nothing_is_odd(synced: Account, settings: Settings) -> None:
    """Not one request more."""
    assert sync(settings).requests <= 10
    paths = {request.path for request in synced.requests}
    assert not any(path.startswith("/v1/invoices/") for path in paths)


def test_the_other_mode_is_no_matter_of_one_object(
    account: Account, settings: Settings, lake: Lake
) -> None:
    stock(account, 5)
    account.add("customers", "cus_live", SPRING)["livemode"] = True
    account.fault = spoiled(account, cus_0001=b"null")
    with pytest.raises(PipelineError, match="a test key with the live object cus_live"):
        sync(settings)
    assert versions(lake, "customers") == []


def test_a_torn_log_is_quarantined(synced: Account, settings: Settings, lake: Lake) -> None:
    synced.fault = spoiled(synced, in_0003=body(id="in_0003", total="x"))
    sync(settings, full=True)
    batch = lake.batches(TABLE)[-1]
    batch.path.write_bytes(batch.path.read_bytes()[:-100])
    sync(settings, full=True)
    assert list(held(lake)) == ["in_0003"]
