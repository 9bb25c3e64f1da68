"""The Python functions that dbt's SQL calls, registered on each of its DuckDB connections."""

from collections.abc import Callable

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb.func import FunctionNullHandling
from duckdb.sqltypes import DuckDBPyType

from stripe_pipeline.contacts.names import first_name, last_name
from stripe_pipeline.contacts.phone_and_email import is_valid_email, normalize_phone
from stripe_pipeline.warehouse.staging_code import staging_code

TEXT = duckdb.sqltype("VARCHAR")
BOOLEAN = duckdb.sqltype("BOOLEAN")
# Each with its number of text parameters and what it gives.
FUNCTIONS: tuple[tuple[Callable[..., object], int, DuckDBPyType], ...] = (
    (normalize_phone, 2, TEXT),
    (first_name, 3, TEXT),
    (last_name, 3, TEXT),
    (is_valid_email, 1, BOOLEAN),
    (staging_code, 0, TEXT),
)


class Plugin(BasePlugin):
    """Makes the FUNCTIONS callable from SQL under their own names."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register the functions; they get nulls too, and decide themselves what those mean."""
        for function, parameters, given in FUNCTIONS:
            conn.create_function(
                function.__name__,
                function,
                [TEXT] * parameters,
                given,
                null_handling=FunctionNullHandling.SPECIAL,
            )
