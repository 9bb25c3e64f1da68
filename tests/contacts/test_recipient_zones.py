"""The zones that a person may be in, from country, region and phone."""

import csv

import pytest

from stripe_pipeline.contacts import recipient_zones
from stripe_pipeline.contacts.recipient_zones import zones_of
from stripe_pipeline.values.zones import load_zone, zone_names


@pytest.mark.parametrize(
    ("country", "region", "phone", "zones"),
    [
        ("DE", None, None, ("Europe/Berlin", "Europe/Busingen")),
        ("FR", "75", "+12125550123", ("Europe/Paris",)),
        ("US", "CA", None, ("America/Los_Angeles",)),
        ("US", "california", "+12125550123", ("America/Los_Angeles",)),
        ("US", "US-NY", None, ("America/New_York",)),
        ("US", "D.C.", None, ("America/New_York",)),
        ("US", "TX", None, ("America/Chicago", "America/Denver")),
        ("US", None, "+12125550123", ("America/New_York",)),
        ("US", "Bavaria", "+12125550123", ("America/New_York",)),
        ("CA", "Québec", None, ("America/Blanc-Sablon", "America/Halifax", "America/Toronto")),
        ("AU", "nsw", None, ("Australia/Broken_Hill", "Australia/Sydney")),
        ("BR", "São Paulo", None, ("America/Sao_Paulo",)),
        ("MX", "Q. Roo", None, ("America/Cancun",)),
        ("RU", "MOW", "+79161234567", ("Europe/Moscow",)),
        (None, None, "+4930123456", ("Europe/Berlin",)),
        (None, "NY", None, ()),
        ("XX", None, "+1", ()),
        (None, None, None, ()),
    ],
)
def test_a_person_is_in(
    country: str | None, region: str | None, phone: str | None, zones: tuple[str, ...]
) -> None:
    assert zones_of(country, region, phone) == zones


def test_an_unknown_region_leaves_all_zones_of_the_country() -> None:
    everywhere = zones_of("US", None, None)
    assert {"Pacific/Honolulu", "America/New_York"} < set(everywhere)
    # A phone of another country says nothing about the region.
    assert zones_of("US", None, "+4930123456") == everywhere


def test_every_zone_of_a_region_exists_and_is_its_country_s() -> None:
    with recipient_zones._REGIONS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({(row["country"], row["region"]) for row in rows}) == len(rows)
    for row in rows:
        for zone in row["zones"].split():
            assert zone in zone_names(), row
            assert load_zone(zone).key == zone
            assert zone in zones_of(row["country"], None, None), row
