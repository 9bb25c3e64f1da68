"""The whole product with her in it, and then every byte below the home folder."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress as suppress_error
from pathlib import Path
from typing import Any

import duckdb
import pytest

from stripe_pipeline.activation.consent import import_consents
from stripe_pipeline.activation.export import export
from stripe_pipeline.activation.suppress import suppress
from stripe_pipeline.demo.home import DEMO_CUSTOMERS, DEMO_SEED, demo_settings
from stripe_pipeline.demo.store.build import build_store
from stripe_pipeline.demo.store.server import serve
from stripe_pipeline.demo.store.store import Store
from stripe_pipeline.forget import forget
from stripe_pipeline.settings import Settings
from stripe_pipeline.settings.demo_mark import DEMO_NOW, MARKER

from ..conftest import clean_environment, run_cli
from ..properties.extent import is_soak
from .every_byte import traces
from .planting import HOLDER, SAME_EMAIL, SAME_PHONE, TRACES, hers
from .staying import GUEST, Shop, hers_only, published, what_goes, what_others_have, what_stays

pytestmark = pytest.mark.slow

CAMPAIGN = """\
name: hello_{channel}
segment: repeat_buyers
existing_members: include
channel: {channel}
{subject}body: "Dear {{{{ profile.full_name }}}} of {{{{ profile.city }}}}"
"""
# Bytes of a warehouse in which there is something.
FILLED = 1_000_000
# Seconds, on a machine that has much else to do.
LONG = 900.0


def values_of(home: Path, url: str) -> dict[str, str]:
    """The settings by name."""
    campaigns = {"STRIPE_PIPELINE_CAMPAIGNS": str(home.parent / "campaigns")}
    return {**demo_settings(home, url), **campaigns}


@pytest.fixture(scope="module")
def shop(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("proof")
    home = folder / "home"
    shutil.copytree(demo_home, home, symlinks=True)
    (home / MARKER).unlink()
    write_campaigns(folder / "campaigns")
    with build_store(DEMO_CUSTOMERS, DEMO_SEED, DEMO_NOW) as store, serve(store) as url:
        made = Shop(home, store, values_of(home, url), busiest(home))
        plant(store, made.her)
        record_words(made.settings(), folder)
        done = run_cli("run", folder=folder, settings=made.values, timeout=LONG)
        assert done.returncode == 0, done.stderr
        export(made.settings(STRIPE_PIPELINE_LIVE_SENDS="on"), "email", DEMO_NOW)
        found = {str(Path(each.split(" (")[0]).parent) for each in traces(home, TRACES)}
        assert {each for each in found if each.startswith("exports/hello_email")}
        assert {each for each in found if each.startswith("exports/hello_sms")}
        assert found >= {"lake/customers", "lake/charges", "lake/events", "lake/consent_entries"}
        assert {each for each in found if each.startswith(".published")}
        assert "warehouse.duckdb" in traces(home, TRACES)
        yield made


def write_campaigns(folder: Path) -> None:
    """Two campaigns whose messages quote her."""
    folder.mkdir()
    for channel, subject in (("email", 'subject: "{{ profile.first_name }}"\n'), ("sms", "")):
        text = CAMPAIGN.format(channel=channel, subject=subject)
        (folder / f"{channel}.yml").write_text(text, encoding="utf-8")


def busiest(home: Path) -> str:
    """A customer with orders that were refunded, who comes again and again."""
    with duckdb.connect() as connection:
        found = connection.execute(
            "select stripe_customer_id from read_parquet($marts || 'customer_profiles.parquet') p "
            "join read_parquet($marts || 'segment_members.parquet') m using (stripe_customer_id) "
            "where segment = 'repeat_buyers' and stripe_refunded > 0 "
            "order by stripe_total_orders desc, 1 limit 1",
            {"marts": f"{home / 'published'}/"},
        ).fetchone()
    assert found
    return str(found[0])


def plant(store: Store, her: str) -> None:
    """Put her words on everything that names her, and on a guest's payment of the same address."""
    query = (
        "select resource, id from objects where resource in ('customers', 'charges', 'invoices', "
        "'subscriptions', 'checkout_sessions', 'credit_notes', 'refunds', 'disputes') "
        "order by resource, id"
    )
    theirs, paid = [], {her}
    for resource, identifier in store.reader.execute(query).fetchall():
        body = store.read(resource, identifier) or {}
        # Charges come first: what hangs on one is hers too.
        if not paid.isdisjoint([body.get("customer"), body.get("charge"), identifier]):
            theirs.append((resource, body))
            paid |= {identifier} if resource == "charges" else set()
    for resource, body in theirs:
        store.put(hers(resource, body) | {"consent": None})
    assert {"charges", "customers", "invoices", "refunds"} <= {resource for resource, _ in theirs}
    charge = next(body for resource, body in theirs if resource == "charges")
    guest = {"id": GUEST, "customer": None, "payment_intent": "pi_herGuest"}
    store.put(hers("charges", charge | guest))


def record_words(settings: Settings, folder: Path) -> None:
    """Her consents, from a file that lies elsewhere, and a number of hers never to write to."""
    lines = [
        "channel,address,status,source,occurred_at",
        f"email,{SAME_EMAIL},opt_in,newsletter,2026-01-01T00:00:00Z",
        f"sms,{SAME_PHONE},opt_in,newsletter,2026-01-01T00:00:00Z",
    ]
    path = folder / "consents.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    import_consents(settings, path)
    suppress(settings, "push", SAME_EMAIL, f"asked for by {HOLDER}")


def test_nothing_is_left_but_ids_and_amounts(shop: Shop, tmp_path: Path) -> None:
    with shop.copied(tmp_path) as mine:
        before, mine_before, others_before = inode(mine), what_stays(mine), what_others_have(mine)
        what_went = what_goes(mine)
        assert all(values - {None} for values in what_went.values())
        done = run_cli(
            "forget",
            mine.her,
            "--yes",
            "--json",
            folder=tmp_path,
            settings=mine.values,
            timeout=LONG,
        )
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        assert answer["exports"] >= 3
        assert (answer["warehouse"], answer["published"]) == ("rebuilt", "rebuilt")
        # DuckDB packs what it writes, and keeps what is deleted: only another file is clean.
        assert inode(mine) != before
        assert traces(mine.home, TRACES) == {}
        assert what_stays(mine) == mine_before
        assert what_goes(mine) == {name: {None} for name in what_went}
        assert what_others_have(mine) == others_before
        assert published(mine.home, "customer_profiles", hers_only(mine)) == []
        check_manifests(mine)

        done = run_cli("run", folder=tmp_path, settings=mine.values, timeout=LONG)
        assert done.returncode == 0, done.stderr
        assert traces(mine.home, TRACES) == {}
        assert what_stays(mine) == mine_before
        assert published(mine.home, "customer_profiles", hers_only(mine)) == []


def test_a_customer_deleted_in_stripe_is_gone_after_a_run(shop: Shop, tmp_path: Path) -> None:
    """What follows asks the store for nothing more."""
    with shop.copied(tmp_path) as mine:
        mine_before = what_stays(mine)
        delete_in_stripe(shop)
        done = run_cli("run", folder=tmp_path, settings=mine.values, timeout=LONG)
        assert done.returncode == 0, done.stderr
        assert traces(mine.home, TRACES) == {}
        assert what_stays(mine) == mine_before
        check_manifests(mine)


@pytest.mark.skipif(not is_soak, reason="another run and a half; test_renewal.py has the steps")
def test_a_sync_finishes_what_a_killed_run_began(shop: Shop, tmp_path: Path) -> None:
    """Its warehouse is a new file, half full; what is published is as it was before."""
    delete_in_stripe(shop)
    with shop.copied(tmp_path) as mine:
        mine_before = what_stays(mine)
        run_until_it_recomputes(mine, tmp_path)
        assert {each.split("/")[0] for each in traces(mine.home, TRACES)} == {".published"}
        done = run_cli("sync", folder=tmp_path, settings=mine.values, timeout=LONG)
        assert done.returncode == 0, done.stderr
        assert traces(mine.home, TRACES) == {}
        assert what_stays(mine) == mine_before
        assert published(mine.home, "customer_profiles", hers_only(mine)) == []


def delete_in_stripe(shop: Shop) -> None:
    """Delete her, unless another test of this store has."""
    with suppress_error(KeyError):
        shop.store.delete("customers", shop.her)


def run_until_it_recomputes(shop: Shop, folder: Path) -> None:
    """Run everything, and kill it, dbt too, when some tables are in the new file."""
    before = inode(shop)
    command = [sys.executable, "-m", "stripe_pipeline.cli", "run"]
    process = subprocess.Popen(
        command, env={**clean_environment(), **shop.values}, cwd=folder, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + LONG
    while inode(shop) == before or shop.settings().warehouse.stat().st_size < FILLED:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def inode(shop: Shop) -> int:
    """What tells the warehouse's file from another of its name."""
    return (shop.home / "warehouse.duckdb").stat().st_ino


@pytest.mark.parametrize(
    ("name", "does", "place"),
    [
        ("erase_outside", lambda *_: 0, "exports"),
        ("renew_warehouse", lambda *_: False, "warehouse.duckdb"),
        ("_publish", lambda *_: "", ".published"),
    ],
)
def test_without_one_cleaner_it_shows(
    shop: Shop, tmp_path: Path, name: str, does: Any, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the two that compute for long, the others do nothing either."""
    for slow, nothing in (("renew_warehouse", False), ("_publish", "")):
        monkeypatch.setattr(f"stripe_pipeline.forget.{slow}", lambda *_, _as=nothing: _as)
    monkeypatch.setattr(f"stripe_pipeline.forget.{name}", does)
    with shop.copied(tmp_path) as mine:
        forget(mine.settings(), mine.her)
        found = traces(mine.home, TRACES)
        assert any(each.startswith(place) for each in found)
        assert not any(each.startswith("lake") for each in found)


def check_manifests(shop: Shop) -> None:
    """What a manifest says of its files and messages is so."""
    for path in sorted(shop.home.glob("exports/*/*/manifest.json")):
        manifest = json.loads(path.read_bytes())
        for name, facts in manifest["files"].items():
            assert (path.parent / name).stat().st_size == facts["bytes"]
        lines = (path.parent / f"{manifest['channel']}.jsonl").read_bytes().splitlines()
        assert len(lines) == manifest["messages"]
