"""What the random tests share."""

import pytest

from ..oracle.warehouse import Warehouse


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """One home for all examples, each of which refills it; its project is parsed once."""
    return Warehouse(tmp_path_factory.mktemp("home"))
