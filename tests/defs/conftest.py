"""The definitions, loaded once, in the home folder of the finished demo."""

import warnings
from pathlib import Path

import dagster as dg
import pytest

from stripe_pipeline.warehouse.transform import environment


@pytest.fixture(scope="session")
def definitions(demo_home: Path) -> dg.Definitions:
    with environment({"STRIPE_PIPELINE_HOME": str(demo_home)}), warnings.catch_warnings():
        # sqlglot, which dagster-dbt imports, complains about a package that another one brings.
        warnings.filterwarnings("ignore", "sqlglotrs is deprecated", DeprecationWarning)
        from stripe_pipeline.definitions import definitions
    return definitions
