"""The dbt-duckdb plugin: holds the lake's shared read lock, and says what code stages are read by.

No model calls a function of Python's: what is computed in Python is in the lake before dbt starts.
"""

import weakref
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from stripe_pipeline.lake.read_lock import start_reading
from stripe_pipeline.warehouse.staging_code import staging_code

TEXT = duckdb.sqltype("VARCHAR")


class Plugin(BasePlugin):
    """Holds the lake's shared read lock, and makes `staging_code` callable from macros."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Keep the lake (a folder, `lake`) from being merged as long as dbt is connected."""
        weakref.finalize(self, start_reading(Path(plugin_config["lake"])).close)

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register `staging_code`, with which macros find what other code has filled."""
        conn.create_function("staging_code", staging_code, [], TEXT)
