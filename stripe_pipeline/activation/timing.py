"""Which of the people that a campaign would write to can't be written to now, by its schedule."""

from datetime import datetime

import duckdb
import pyarrow as pa

from stripe_pipeline.activation.campaign import Campaign

_NO_HOLDS = (
    "create or replace temp table holds (stripe_customer_id varchar, zones varchar, hold varchar)"
)
_ZONES = """
    create or replace temp table recipients as
    select
        profiles.stripe_customer_id,
        recipient_zones(profiles.country, profiles.region, profiles.phone) as zones
    from customer_profiles as profiles
    semi join {people} as people using (stripe_customer_id)
"""
_HOLDS = """
    create or replace temp table holds as
    select recipients.stripe_customer_id, recipients.zones, judged.hold
    from recipients inner join judged using (zones)
"""


def judge_timing(
    connection: duckdb.DuckDBPyConnection,
    campaign: Campaign,
    since: datetime,
    as_of: datetime,
    people: str = "candidates",
) -> None:
    """Fill the table `holds`: why each of these people can't be written to, null where they can.

    `people` is a table with a column stripe_customer_id. It is empty where the campaign has no
    schedule. `since` and `as_of` are the same instant but in the preview of a whole day.
    """
    connection.execute(_NO_HOLDS)
    if campaign.schedule is None:
        return
    connection.execute(_ZONES.format(people=people))
    found = connection.execute("select distinct zones from recipients order by zones").fetchall()
    [(reporting,)] = connection.execute("select getvariable('reporting_zone')").fetchall()
    spelled = [zones for (zones,) in found]
    holds = [
        campaign.schedule.hold(since, as_of, tuple(zones.split()), reporting) for zones in spelled
    ]
    judged = pa.table(  # noqa: F841 (DuckDB finds it by its name)
        {"zones": pa.array(spelled, pa.string()), "hold": pa.array(holds, pa.string())}
    )
    connection.execute(_HOLDS)
