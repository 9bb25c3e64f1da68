"""What stands in the way of an erasure: one plain sentence, and a state that is finished later."""

import errno
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest
from filelock import FileLock

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.files import durable
from stripe_pipeline.forget import follow_up, forget
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.lake import Lake, erase
from stripe_pipeline.lake.erasures import load_erasures
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse import renewal, transform
from tests.fake_stripe.server import Account
from tests.forget.conftest import HER, fill_home
from tests.forget.every_byte import traces
from tests.forget.planting import EVIDENCE, NAME, TRACES
from tests.ingestion.lakes import current
from tests.variants import variants

HOLD = """
import duckdb, sys
with duckdb.connect(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def filled(settings: Settings, account: Account) -> Settings:
    """The home with her in it."""
    fill_home(settings, account)
    return settings


@contextmanager
def held(warehouse: Path) -> Iterator[None]:
    """Have another person's notebook open the warehouse."""
    command = [sys.executable, "-c", HOLD, str(warehouse)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout and process.stdin
        process.stdout.readline()
        yield
        process.stdin.close()


def sentences(error: pytest.ExceptionInfo[PipelineError]) -> str:
    text = str(error.value)
    assert "\n" not in text
    assert not any(trace in text.lower() for trace in TRACES)
    return text


def test_while_a_person_reads_the_warehouse(
    filled: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transform, "WAREHOUSE_PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(renewal, "_dbt", lambda *_: True)
    with held(filled.warehouse):
        with pytest.raises(PipelineError) as error:
            forget(filled, HER)
        assert "gone from the lake" in sentences(error)
        assert "still held open by process" in sentences(error)
        assert traces(filled.lake, TRACES) == {}
    report = forget(filled, HER)
    assert (report.was_erased_before, report.warehouse) == (True, "rebuilt")


def test_while_a_sync_is_writing(filled: Settings) -> None:
    holding = threading.Event()

    def write() -> None:
        with Lake(filled.lake).writing():
            holding.set()
            time.sleep(0.5)

    thread = threading.Thread(target=write)
    thread.start()
    holding.wait()
    assert forget(filled, HER).lake_files
    thread.join()
    assert traces(filled.home, TRACES) == {}


def test_what_a_database_said_of_her(filled: Settings) -> None:
    """In the logs of dbt, of the last command and of Dagster's steps, but for one under way."""
    said = f"Conversion Error: Could not convert string '{NAME}' to INT32"
    names = ["dbt/logs/dbt.log", "dbt/target/dbt.log", "dbt/target/run_results.json",
             "dagster/run.log", "dagster/storage/run/compute_logs/a.out",
             "dagster/storage/run/compute_logs/a.complete"]  # fmt: skip
    for path in (filled.home / name for name in names):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(said)
    under_way = filled.home / "dagster/storage/other/compute_logs/b.out"
    under_way.parent.mkdir(parents=True)
    under_way.write_text("Reading Stripe")
    forget(filled, HER)
    assert traces(filled.home, TRACES) == {}
    assert under_way.read_text() == "Reading Stripe"


def test_while_a_run_is_computing(filled: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has not opened the warehouse yet, or is between two commands of dbt's."""
    began, done = threading.Event(), threading.Event()
    monkeypatch.setattr(renewal, "_dbt", lambda *_: done.is_set())
    transform.wait_for_warehouse(filled)
    duckdb.connect(str(filled.warehouse)).close()

    def run() -> None:
        with renewal.computing(filled):
            began.set()
            time.sleep(0.5)
            done.set()

    thread = threading.Thread(target=run)
    thread.start()
    began.wait()
    assert forget(filled, HER).warehouse == "rebuilt"
    thread.join()
    assert traces(filled.home, TRACES) == {}


def test_a_sync_follows_up_where_something_is_published(
    filled: Settings, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And takes it away where what is recomputed doesn't pass its tests."""
    folder = filled.home / ".published" / "0000000001"
    folder.mkdir(parents=True)
    (folder / "customer_profiles.parquet").write_text(NAME)
    filled.published.symlink_to(folder)
    duckdb.connect(str(filled.warehouse)).close()
    monkeypatch.setattr(renewal, "_dbt", lambda _, __, arguments: arguments[0] == "build")
    follow_up(filled)
    assert folder.exists()
    account.event("customer.deleted", account.delete("customers", HER, stub=True))
    sync(filled)
    follow_up(filled)
    assert not folder.exists()
    assert traces(filled.home, TRACES) == {}


def test_a_run_that_does_not_end(filled: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewal, "COMPUTING_PATIENCE_SECONDS", 0.1)
    with FileLock(filled.home / ".warehouse.lock"), pytest.raises(PipelineError) as error:
        forget(filled, HER)
    assert "has been computing" in sentences(error)
    assert traces(filled.home, TRACES) == {}


@variants("number", [0, 3])
def test_on_a_full_disk(filled: Settings, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    original, written = durable.replacing, 0

    @contextmanager
    def full(path: Path) -> Iterator[Any]:
        nonlocal written
        if written == number:
            raise OSError(errno.ENOSPC, "No space left on device")
        written += 1
        with original(path) as file:
            yield file

    with monkeypatch.context() as patch:
        patch.setattr(erase, "replacing", full)
        with pytest.raises(PipelineError) as error:
            forget(filled, HER)
        assert "No space left on device" in sentences(error)
        assert "make room" in sentences(error)
    assert load_erasures(Lake(filled.lake)).pending == {HER}
    sync(filled)
    assert not load_erasures(Lake(filled.lake)).pending
    forget(filled, HER)
    assert traces(filled.home, TRACES) == {}


def test_a_guest_is_forgotten_by_a_payment(filled: Settings, account: Account) -> None:
    details = {"email": "guest@elsewhere.example", "name": "Gertrude Guest", "phone": None}
    paid = {"status": "succeeded", "payment_intent": "pi_g", "amount": 700}
    account.add("charges", "ch_g1", 1, billing_details=details, **paid)
    account.add("charges", "ch_g2", 2, receipt_email="Guest@Elsewhere.example", **paid)
    account.add("checkout_sessions", "cs_g", 1, payment_intent="pi_g", customer_details=details)
    account.add("refunds", "re_g", 2, status="succeeded", charge="ch_g2",
                metadata={"to": "Gertrude"})  # fmt: skip
    words = ["gertrude", "guest@elsewhere.example"]
    sync(filled, full=True)
    assert traces(filled.home, words)
    forget(filled, "ch_g1")
    assert traces(filled.home, words) == {}
    sync(filled, full=True)
    assert traces(filled.home, words) == {}
    assert current(Lake(filled.lake), "charges")["ch_g1"]["amount"] == 700
    assert current(Lake(filled.lake), "customers")[HER]["name"] == NAME
    assert forget(filled, "ch_g1").was_erased_before


@pytest.mark.parametrize(
    ("identifier", "says"),
    [
        ("cus_nobody", "Nothing that was read from Stripe names a customer cus_nobody"),
        ("ch_z", f"ch_z is no customer but belongs to {HER}"),
        ("in_z", f"`stripe-pipeline forget {HER}`"),
        ("prod_1", "Nothing that was read"),
        ("", "Nothing that was read"),
    ],
)
def test_an_id_of_no_one(filled: Settings, identifier: str, says: str) -> None:
    with pytest.raises(PipelineError) as error:
        forget(filled, identifier)
    assert says in sentences(error)
    assert load_erasures(Lake(filled.lake)).reasons == {}


def test_who_was_deleted_in_stripe_before(filled: Settings, account: Account) -> None:
    account.event("customer.deleted", account.delete("customers", HER, stub=True))
    sync(filled)
    report = forget(filled, HER)
    assert (report.was_erased_before, report.lake_files) == (True, 0)
    assert traces(filled.home, TRACES) == {}


def test_evidence_of_a_dispute_that_comes_later(filled: Settings, account: Account) -> None:
    """Of a charge that was paid by the Account which stands for her."""
    forget(filled, HER)
    as_account = {"customer": None, "customer_account": "acct_z", "billing_details": {"name": NAME}}
    account.event("charge.succeeded", account.add("charges", "ch_new", 9, **as_account))
    sync(filled)
    evidence = {"uncategorized_text": EVIDENCE}
    late = account.add("disputes", "dp_new", 9, charge="ch_new", amount=1, evidence=evidence)
    account.event("charge.dispute.created", late)
    sync(filled)
    assert current(Lake(filled.lake), "disputes")["dp_new"]["charge"] == "ch_new"
    assert traces(filled.home, TRACES) == {}
