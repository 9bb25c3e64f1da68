"""The Python functions that dbt's SQL calls, registered on each of its DuckDB connections."""

from collections.abc import Callable

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb.func import FunctionNullHandling

from stripe_pipeline.contacts import first_name, last_name, normalize_phone

# Each with its number of text parameters.
FUNCTIONS: tuple[tuple[Callable[..., str | None], int], ...] = (
    (normalize_phone, 2),
    (first_name, 3),
    (last_name, 3),
)
TEXT = duckdb.sqltype("VARCHAR")


class Plugin(BasePlugin):
    """Makes the functions of `contacts` callable from SQL under their own names."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register the functions; they get nulls too, and decide themselves what those mean."""
        for function, parameters in FUNCTIONS:
            conn.create_function(
                function.__name__,
                function,
                [TEXT] * parameters,
                TEXT,
                null_handling=FunctionNullHandling.SPECIAL,
            )
