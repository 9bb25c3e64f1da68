"""How long the random tests run: HYPOTHESIS_PROFILE=soak is the long run, drawn anew each time.

Each example is a lake full of merchants, and seconds of dbt. So the brief run takes the examples
that stand beside each test, and leaves the search for others, and for smaller ones, to the soak.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings

from ..oracle.warehouse import Warehouse

COMMON = {"deadline": None, "suppress_health_check": list(HealthCheck), "print_blob": True}

settings.register_profile("brief", phases=[Phase.explicit], **COMMON)
settings.register_profile("soak", max_examples=60, **COMMON)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "brief"))


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory):
    """One home for all examples, each of which fills it anew; its project is parsed once."""
    return Warehouse(tmp_path_factory.mktemp("home"))
