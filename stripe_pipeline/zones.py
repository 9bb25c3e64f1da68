"""Time zones by one set of rules: those of the package `tzdata`, which DuckDB's agree with.

DuckDB brings its rules along and Python takes the system's, which may be years older. Then an order
is on one day in the marts and on another in a message. The package is pinned to the edition that
DuckDB has; tests/environment/test_zones.py compares the two, zone by zone.
"""

import importlib.resources
from functools import cache
from zoneinfo import ZoneInfo

from stripe_pipeline.near_miss import did_you_mean

# A name of tzdata's for "nobody has set a zone".
_NO_ZONES = {"Factory"}


@cache
def zone_names() -> frozenset[str]:
    """The names that both DuckDB and Python know a zone by."""
    listed = importlib.resources.files("tzdata").joinpath("zones").read_text(encoding="ascii")
    return frozenset(listed.split()) - _NO_ZONES


def checked_zone(name: str) -> str:
    """Return the name of a zone.

    Raises:
        ValueError: there is none of that name; the message names the one that is near.
    """
    if name not in zone_names():
        near = did_you_mean(name, zone_names())
        raise ValueError(f"{name} is not a time zone such as UTC or Europe/Berlin{near}")
    return name


@cache
def load_zone(name: str) -> ZoneInfo:
    """Return the zone of a name that `checked_zone` has let through."""
    rules = importlib.resources.files("tzdata.zoneinfo").joinpath(*name.split("/"))
    with rules.open("rb") as file:
        return ZoneInfo.from_file(file, key=name)
