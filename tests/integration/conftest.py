"""A demo shop, served, and mirrored into the lake of a home folder."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from stripe_pipeline.demo.home import demo_settings
from stripe_pipeline.demo.store.build import build_store
from stripe_pipeline.demo.store.files import write_files
from stripe_pipeline.demo.store.server import serve
from stripe_pipeline.demo.store.store import Store
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.lake.tables import ensure_tables
from stripe_pipeline.settings import Settings, load_settings
from stripe_pipeline.settings.demo_mark import DEMO_NOW

from ..oracle.money import read_rates
from ..oracle.question import Question
from ..oracle.warehouse import Warehouse

CUSTOMERS = 80


@dataclass(frozen=True)
class Mirror:
    """A served store and the home folder that mirrors it."""

    store: Store
    warehouse: Warehouse
    url: str

    @property
    def question(self) -> Question:
        """What the demo itself asks: its own present, its own rates."""
        rates = read_rates(self.warehouse.home / "exchange_rates.csv")
        return Question(DEMO_NOW, rates=tuple(rates))

    def settings(self) -> Settings:
        """The demo's settings for this home."""
        return load_settings(demo_settings(self.warehouse.home, self.url))

    def sync(self, *, full: bool = False) -> None:
        """Bring the lake up to what the store has."""
        settings = self.settings()
        sync(settings, full=full)
        ensure_tables(self.warehouse.lake)


Mirrored = Callable[[int], AbstractContextManager[Mirror]]


@pytest.fixture(scope="session")
def mirrored(tmp_path_factory: pytest.TempPathFactory) -> Mirrored:
    """Serve the shop of a seed and sync it into one home, whose dbt project is parsed once."""
    home: Path = tmp_path_factory.mktemp("shop")
    warehouse = Warehouse(home)

    @contextmanager
    def serving(seed: int) -> Iterator[Mirror]:
        warehouse.empty()
        write_files(home, CUSTOMERS, seed, DEMO_NOW)
        with build_store(CUSTOMERS, seed, DEMO_NOW) as store, serve(store) as url:
            mirror = Mirror(store, warehouse, url)
            mirror.sync()
            yield mirror

    return serving
