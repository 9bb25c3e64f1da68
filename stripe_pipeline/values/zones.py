"""Time zones by one set of rules: those of the package `tzdata`, which match DuckDB's.

DuckDB bundles its rules and Python uses the system's, which may be years older: an order would be
on one day in the marts and on another in a message. The package is pinned to the edition that
DuckDB has; tests/environment/test_zones.py compares the two, zone by zone.
"""

import importlib.resources
from functools import cache
from zoneinfo import ZoneInfo

from stripe_pipeline.values.near_miss import did_you_mean

# tzdata's name for "no zone has been set".
_NO_ZONES = {"Factory"}


@cache
def zone_names() -> frozenset[str]:
    """Return the zone names that both DuckDB and Python know."""
    listed = importlib.resources.files("tzdata").joinpath("zones").read_text(encoding="ascii")
    return frozenset(listed.split()) - _NO_ZONES


def checked_zone(name: str) -> str:
    """Return the name of a zone if it exists.

    Raises:
        ValueError: there is no such zone; the message suggests a similar name.
    """
    if name not in zone_names():
        near = did_you_mean(name, zone_names())
        raise ValueError(f"{name} is not a time zone such as UTC or Europe/Berlin{near}")
    return name


@cache
def load_zone(name: str) -> ZoneInfo:
    """Return the zone of a name that `checked_zone` has accepted."""
    rules = importlib.resources.files("tzdata.zoneinfo").joinpath(*name.split("/"))
    with rules.open("rb") as file:
        return ZoneInfo.from_file(file, key=name)
