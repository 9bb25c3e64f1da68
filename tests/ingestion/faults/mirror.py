"""A small demo merchant, the home that mirrors it, and the clock of both."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

import aiohttp

from stripe_pipeline.demo.store import DEMO_KEY, Faults, Options, Store, build_store, serve
from stripe_pipeline.errors import PipelineError
from stripe_pipeline.ingestion.report import SyncReport
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.http import client, retries
from tests.ingestion.faults.truth import tables_equal_truth

CUSTOMERS = 20
SEED = 1
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
DAY = 86_400

Watcher = Callable[[str], None]


@dataclass
class Mirror:
    """The merchant `store`, as `home` shows it; `clock_off` is how wrong this machine's clock is.

    `requests` are those that the last server answered, `listed` the objects that its lists gave out
    by resource; `silent` are ids that changed without an event since all was last looked at, `made`
    numbers what is new.
    """

    store: Store
    home: Path
    clock_off: int = 0
    requests: list[str] = field(default_factory=list)
    listed: Counter[str] = field(default_factory=Counter)
    silent: set[str] = field(default_factory=set)
    made: Iterator[int] = field(default_factory=count)

    @property
    def lake(self) -> Lake:
        """The lake of the home."""
        return Lake(self.home / "lake")

    def ids(self, resource: str) -> list[str]:
        """The ids that a list of the merchant's shows, the oldest first."""
        query = "select id from objects where resource = ? and is_listed order by created, sequence"
        return [row[0] for row in self.store.reader.execute(query, (resource,)).fetchall()]

    def change(self, resource: str, identifier: str, **fields: Any) -> None:
        """Give an object of the merchant's other values."""
        body = self.store.read(resource, identifier) or {}
        self.store.put(body | fields)

    def environment(self, base: str) -> dict[str, str]:
        """The settings of a process that mirrors the merchant from this address."""
        return {
            "STRIPE_API_KEY": DEMO_KEY,
            "STRIPE_API_BASE": base,
            "STRIPE_PIPELINE_HOME": str(self.home),
            "STRIPE_PIPELINE_RATE_LIMIT": "10000",
        }

    @contextmanager
    def served(
        self, faults: Faults | None = None, watcher: Watcher | None = None, event_lag: int = 0
    ) -> Iterator[str]:
        """Serve the merchant; gives the address."""
        self.requests = []
        options = Options(requests=self.requests, watcher=watcher, event_lag=event_lag)
        self.listed = options.listed
        with serve(self.store, options, faults) as base:
            yield base

    def sync(
        self,
        faults: Faults | None = None,
        watcher: Watcher | None = None,
        *,
        event_lag: int = 0,
        full: bool = False,
        resources: Collection[str] | None = None,
        host: str = "127.0.0.1",
    ) -> SyncReport:
        """Read the merchant into the home, in this process."""
        with self.served(faults, watcher, event_lag) as base, self.clock(), impatient(faults):
            environment = self.environment(base.replace("127.0.0.1", host))
            settings = Settings(**_by_field(environment))
            return sync(settings, full=full, resources=resources)

    def fails(self, *arguments: Any, **named: Any) -> str:
        """Sync, and return the one plain sentence in which it ends; the key is nowhere in it."""
        try:
            self.sync(*arguments, **named)
        except PipelineError as error:
            assert error.exit_code == 1
            assert_plain(str(error))
            return str(error)
        raise AssertionError("the sync should have failed")

    def is_true(self) -> None:
        """Assert that the tables show what the merchant has."""
        tables_equal_truth(self.home, self.store, self.silent)

    def mends(self) -> SyncReport:
        """Sync without any fault, and assert that the tables show what the merchant has."""
        report = self.sync()
        self.is_true()
        return report

    @contextmanager
    def clock(self) -> Iterator[None]:
        """Let this machine's clock go on from the merchant's present, or as far off as it is."""
        begun, real = time.time(), time.time
        with patch.object(time, "time", lambda: real() - begun + self.store.now + self.clock_off):
            yield

    def later(self, seconds: int) -> None:
        """Let time go by."""
        self.store.now += seconds


@contextmanager
def impatient(faults: Faults | None) -> Iterator[None]:
    """Wait milliseconds between two attempts and, where there are faults, briefly for an answer."""
    policy = retries.RetryPolicy(first_wait=0.002, longest_wait=0.1)
    timeout = aiohttp.ClientTimeout(total=0.5 if faults else 30.0)
    with patch.object(retries, "PATIENCE", policy), patch.object(client, "TIMEOUT", timeout):
        yield


def _by_field(environment: dict[str, str]) -> dict[str, Any]:
    return {
        name if name.startswith("STRIPE_PIPELINE") else name.lower(): value
        for name, value in environment.items()
    }


def assert_plain(sentence: str) -> None:
    """One sentence for a person, with nothing in it that isn't for the eyes of others."""
    assert sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")
    for secret in (DEMO_KEY, DEMO_KEY[-4:], "acct_", "Traceback", "@"):
        assert secret not in sentence, sentence


@contextmanager
def open_mirror(folder: Path, customers: int = CUSTOMERS, seed: int = SEED) -> Iterator[Mirror]:
    """A merchant of this size, and an empty home in the folder."""
    with build_store(customers, seed, NOW) as store:
        yield Mirror(store, folder / "home")
