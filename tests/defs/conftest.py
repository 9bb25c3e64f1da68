"""The definitions, loaded once, in the home folder of the finished demo."""

from pathlib import Path

import dagster as dg
import pytest

from stripe_pipeline.transform import environment


@pytest.fixture(scope="session")
def definitions(demo_home: Path) -> dg.Definitions:
    with environment({"STRIPE_PIPELINE_HOME": str(demo_home)}):
        from stripe_pipeline.definitions import definitions
    return definitions
