"""The dbt-duckdb plugin: registers Python functions, and holds the lake's shared read lock."""

import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb.func import FunctionNullHandling
from duckdb.sqltypes import DuckDBPyType

from stripe_pipeline.contacts.countries import country_code
from stripe_pipeline.contacts.languages import language_tag
from stripe_pipeline.contacts.mailboxes import mailbox_of, normalize_email
from stripe_pipeline.contacts.names import first_name, last_name
from stripe_pipeline.contacts.phone_and_email import is_valid_email, normalize_phone
from stripe_pipeline.lake.read_lock import start_reading
from stripe_pipeline.warehouse.staging_code import staging_code

TEXT = duckdb.sqltype("VARCHAR")
BOOLEAN = duckdb.sqltype("BOOLEAN")
# Each with its number of text parameters and its return type.
FUNCTIONS: tuple[tuple[Callable[..., object], int, DuckDBPyType], ...] = (
    (normalize_phone, 2, TEXT),
    (country_code, 1, TEXT),
    (language_tag, 1, TEXT),
    (first_name, 3, TEXT),
    (last_name, 3, TEXT),
    (normalize_email, 1, TEXT),
    (mailbox_of, 1, TEXT),
    (is_valid_email, 1, BOOLEAN),
    (staging_code, 0, TEXT),
)


class Plugin(BasePlugin):
    """Makes the FUNCTIONS callable from SQL by name, and holds the lake's shared read lock."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Keep the lake (a folder, `lake`) from being merged as long as dbt is connected."""
        weakref.finalize(self, start_reading(Path(plugin_config["lake"])).close)

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register the functions; they receive nulls too, and handle them themselves."""
        for function, parameters, given in FUNCTIONS:
            conn.create_function(
                function.__name__,
                function,
                [TEXT] * parameters,
                given,
                null_handling=FunctionNullHandling.SPECIAL,
            )
