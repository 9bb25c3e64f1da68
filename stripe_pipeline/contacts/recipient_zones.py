"""The time zones that a person may be in, from country, region and phone number.

`zone.tab` of tz (the package tzdata) has each country's zones. Of countries with several,
`region_zones.csv` has those of each region, by its code of ISO 3166-2 and its names; a region that
keeps two zones has both.
"""

import csv
import importlib.resources
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import phonenumbers
from phonenumbers import timezone

from stripe_pipeline.values.zones import zone_names

_REGIONS = Path(__file__).with_name("region_zones.csv")
Zones = tuple[str, ...]


def zones_of(country: str | None, region: str | None, phone: str | None) -> Zones:
    """Return the zones that a person may be in, sorted; none where nothing is known.

    `country` is ISO 3166 alpha-2, `region` what Stripe has, `phone` E.164. A region that is known
    decides. Else the phone's zones narrow the country's, as far as they are among them.
    """
    by_region = _by_region().get(((country or "").upper(), _plain(region or "", country or "")))
    if by_region:
        return by_region
    by_country = _by_country().get((country or "").upper(), ())
    if len(by_country) == 1:
        return by_country
    by_phone = _zones_of_phone(phone) if phone else ()
    if not by_country:
        return by_phone
    return tuple(zone for zone in by_country if zone in by_phone) or by_country


@cache
def _by_country() -> Mapping[str, Zones]:
    table = importlib.resources.files("tzdata.zoneinfo").joinpath("zone.tab")
    found: dict[str, list[str]] = {}
    for line in table.read_text(encoding="ascii").splitlines():
        if not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            found.setdefault(country, []).append(zone)
    return {country: tuple(sorted(zones)) for country, zones in found.items()}


@cache
def _by_region() -> Mapping[tuple[str, str], Zones]:
    found = {}
    with _REGIONS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            names = [row["region"], *filter(None, row["names"].split("|"))]
            for name in names:
                key = (row["country"], _plain(name, row["country"]))
                found[key] = tuple(sorted(row["zones"].split()))
    return found


def _plain(region: str, country: str) -> str:
    """Return a region as it is compared: without accents, capitals, marks and its country."""
    letters = unicodedata.normalize("NFKD", region).casefold()
    words = "".join(each for each in letters if each.isalnum())
    return words.removeprefix(country.casefold()) if "-" in region[:3] else words


def _zones_of_phone(phone: str) -> Zones:
    try:
        found = timezone.time_zones_for_number(phonenumbers.parse(phone))
    except phonenumbers.NumberParseException:
        return ()
    return tuple(sorted(zone for zone in found if zone in zone_names()))
