"""The definitions, loaded once, in the home folder of the finished demo."""

import warnings
from pathlib import Path

import dagster as dg
import pytest

from stripe_pipeline.home import Home
from stripe_pipeline.settings import load_settings


@pytest.fixture(scope="session")
def definitions(demo_home: Path) -> dg.Definitions:
    with warnings.catch_warnings():
        # sqlglot, which dagster-dbt imports, complains about a package that another one brings.
        warnings.filterwarnings("ignore", "sqlglotrs is deprecated", DeprecationWarning)
        from stripe_pipeline.definitions import definitions_of
    settings = load_settings({}, _env_file=None, STRIPE_PIPELINE_HOME=demo_home)
    return definitions_of(Home.of(settings))
