"""A small merchant, served in a process of its own as in the benchmarks."""

from collections.abc import Iterator

import pytest

from benchmarks.peers.trial import Merchant
from benchmarks.store_process import served_store
from benchmarks.truth import read_truth

CUSTOMERS = 50


@pytest.fixture(scope="session")
def merchant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Merchant]:
    """Fifty customers, with the demo's special cases: invoices of many lines among them."""
    with served_store(CUSTOMERS, 1, tmp_path_factory.mktemp("files")) as store:
        yield Merchant(CUSTOMERS, store, read_truth(store.file))
