"""Every check that warns is a line of `run` and `sync`, one of each kind; the exit code stays 0."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stripe_pipeline.demo.home import demo_settings
from stripe_pipeline.demo.store.build import build_store
from stripe_pipeline.demo.store.files import write_files
from stripe_pipeline.demo.store.server import serve
from stripe_pipeline.demo.store.store import Store
from stripe_pipeline.settings.demo_mark import DEMO_NOW

from ..conftest import run_cli

pytestmark = pytest.mark.slow

CUSTOMERS, SEED = 60, 3


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with build_store(CUSTOMERS, SEED, DEMO_NOW) as built:
        yield built


@pytest.fixture(scope="module")
def url(store: Store) -> Iterator[str]:
    with serve(store) as address:
        yield address


def _some(store: Store, resource: str, count: int, condition: str = "true") -> list[dict[str, Any]]:
    """A few objects of the store, whole."""
    found = store.reader.execute(
        f"select id from objects where resource = ? and is_listed and {condition} "
        "order by sequence limit ?",
        (resource, count),
    ).fetchall()
    return [whole for (identifier,) in found if (whole := store.read(resource, identifier))]


def _make_ugly(store: Store) -> None:
    """A refund without its charge, and orders of an unknown customer and of an Account."""
    for refund in _some(store, "refunds", 1):
        store.put(refund | {"charge": "ch_notlisted", "payment_intent": "pi_notlisted"})
    invoices = _some(store, "invoices", 5, "customer is not null")
    for invoice in invoices[:2]:
        store.put(invoice | {"customer": "cus_neverRead"})
    for invoice in invoices[2:]:
        store.put(invoice | {"customer": None, "customer_account": "acct_1Member"})


def _said(stderr: str) -> dict[str, str]:
    """What follows the heading: by check, its sentence."""
    lines = stderr.splitlines()
    heading = next((n for n, line in enumerate(lines) if "the history of each" in line), None)
    if heading is None:
        return {}
    below = lines[heading + 1 :]
    assert all(line.startswith("  ") for line in below), "nothing else comes after it"
    found = [re.fullmatch(r"  (.+) \[(.+?)\]", line) for line in below]
    return {each[2]: each[1] for each in found if each}


def test_warnings_are_printed(store: Store, url: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    write_files(home, CUSTOMERS, SEED, DEMO_NOW)
    settings = demo_settings(home, url)
    quiet = run_cli("sync", folder=tmp_path, settings=settings)
    assert quiet.returncode == 0, quiet.stderr
    assert _said(quiet.stderr) == {}

    _make_ugly(store)
    synced = run_cli("sync", "--full", folder=tmp_path, settings=settings)
    assert synced.returncode == 0, synced.stderr
    said = _said(synced.stderr)
    assert said["stripe/refunds: references"].startswith("Ids that nothing stands for: 1 of ")
    accounts = [sentence for sentence in said.values() if "Accounts v2" in sentence]
    assert len(accounts) == 1
    assert accounts[0].startswith("3 of them belong to an Account")

    done = run_cli("run", folder=tmp_path, settings=settings)
    assert done.returncode == 0, done.stderr
    said = _said(done.stderr)
    assert said["stripe/refunds: references"].startswith("Ids that nothing stands for: 1 of ")
    # As of the demo's present, which lies in the past of this home.
    assert "STRIPE_PIPELINE_AS_OF" in said["published: computed_for_the_present"]
    assert all(sentence.endswith(".") for sentence in said.values())
