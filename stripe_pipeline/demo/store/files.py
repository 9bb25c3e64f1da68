"""The input files beside the account: consents, exchange rates, overrides of persons."""

import csv
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from stripe_pipeline.demo.store.chance import DAY, Chance
from stripe_pipeline.demo.store.money import CURRENCIES
from stripe_pipeline.demo.store.people import BROKEN_EMAILS, person
from stripe_pipeline.demo.store.shopper import customer_id, joined
from stripe_pipeline.demo.store.world import World, add_months
from stripe_pipeline.files.removing import remove

EMAIL_OPT_INS = 0.55
SMS_OPT_INS = 0.5
OPT_OUTS = 0.1


class Files(NamedTuple):
    """The paths of the written files."""

    consents: Path
    exchange_rates: Path
    person_overrides: Path


def write_files(
    folder: Path, customers: int, seed: int, now: datetime, *, with_consents: bool = True
) -> Files:
    """Write `consents.csv`, `exchange_rates.csv` and `person_overrides.csv` into a folder.

    Consents have the columns channel, address, status, source, occurred_at (ISO 8601, UTC);
    rates the columns day, currency, rate (US dollars for one unit of the currency); overrides
    the columns action, customer, other. Without `with_consents`, that file is left as it is.
    """
    world = World(customers, seed, int(now.timestamp()))
    folder.mkdir(parents=True, exist_ok=True)
    names = ("consents.csv", "exchange_rates.csv", "person_overrides.csv")
    files = Files(*(folder / name for name in names))
    if with_consents:
        _write(files.consents, CONSENT_COLUMNS, _consents(world))
    _write(files.exchange_rates, ("day", "currency", "rate"), _rates(world))
    _write(files.person_overrides, ("action", "customer", "other"), _overrides(world))
    return files


CONSENT_COLUMNS = ("channel", "address", "status", "source", "occurred_at")


def _write(path: Path, columns: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> None:
    if path.is_dir():
        remove(path)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _consents(world: World) -> Iterator[tuple[str, ...]]:
    for index in range(world.customers):
        chance = Chance(f"{world.seed}/consent/{index}")
        who = person(world.seed, index)
        since = joined(world.seed, index, world)
        # A form refuses invalid addresses.
        if who.email and who.email not in BROKEN_EMAILS and chance.happens(EMAIL_OPT_INS):
            yield from _consent(world, chance, "email", who.email.strip(), since)
        # A number without its country can't be used, so no one would import it.
        if who.phone and who.phone.startswith("+") and chance.happens(SMS_OPT_INS):
            yield from _consent(world, chance, "sms", who.phone, since)


def _consent(
    world: World, chance: Chance, channel: str, address: str, since: int
) -> Iterator[tuple[str, ...]]:
    given = chance.between(since, world.now - 60)
    yield channel, address, "opt_in", chance.pick(["newsletter form", "shop counter"]), _at(given)
    if chance.happens(OPT_OUTS):
        withdrawn = _at(chance.between(given, world.now - 30))
        yield channel, address, "opt_out", "unsubscribe link", withdrawn


def _at(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _rates(world: World) -> Iterator[tuple[str, ...]]:
    """Yield a rate for the first of every month, from before the merchant opened until now."""
    first = datetime.fromtimestamp(world.start - 60 * DAY, UTC).replace(day=1)
    months, start = 0, int(first.timestamp())
    while (moment := add_months(start, months)) <= world.now:
        day = datetime.fromtimestamp(moment, UTC).date().isoformat()
        for place, (currency, kind) in enumerate(CURRENCIES.items()):
            if currency != "usd":
                drift = 1 + 0.05 * math.sin(months / 5 + place)
                yield day, currency, f"{float(1 / kind.per_dollar) * drift:.6f}"
        months += 1


# As a support request might say: two customers are one, and one shares the mailbox of another.
SAME = (20, 22)
APART = 7


def _overrides(world: World) -> Iterator[tuple[str, ...]]:
    yield "join", *(customer_id(world.seed, index) for index in SAME)
    yield "apart", customer_id(world.seed, APART), ""
