"""Days in the reporting time zone, for the SQL that decides about messages."""

import duckdb


def define_days(connection: duckdb.DuckDBPyConnection, zone: str) -> None:
    """Define macros on days in a time zone; instants are UTC, without a zone."""
    connection.execute("set variable zone = ?", [zone])
    connection.execute(
        "create macro in_zone(instant) as"
        " (instant at time zone 'UTC') at time zone getvariable('zone');"
        "create macro local_day(day) as case when typeof(day) = 'DATE' then cast(day as date)"
        " else cast(in_zone(day) as date) end;"
        "create macro start_of_day(day) as"
        " (cast(day as timestamp) at time zone getvariable('zone')) at time zone 'UTC'"
    )
