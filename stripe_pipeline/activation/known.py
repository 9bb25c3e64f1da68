"""Look up addresses: who has them in the published marts, and whether they have opted out."""

from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass

import duckdb

from stripe_pipeline.activation.addresses import same_address
from stripe_pipeline.activation.push_tokens import token_of
from stripe_pipeline.files.patterns import exactly
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.erasures import load_erasures
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.damaged import reading_table

Address = tuple[str, str]  # channel and address, normalized


@dataclass(frozen=True)
class Known:
    """The owners of addresses in the published marts, and the addresses that have opted out.

    `owners` counts customers and guest payments by address; None where nothing is published yet.
    """

    owners: Counter[Address] | None
    opted_out: set[Address]

    def unknown(self, addresses: Collection[Address]) -> int | None:
        """Count the addresses without an owner; None where nothing is published yet."""
        owners = self.owners
        return None if owners is None else sum(one not in owners for one in addresses)


def known_of(settings: Settings, addresses: Collection[Address]) -> Known:
    """Look up addresses in the published marts and in the ledger of consent."""
    wanted = set(addresses)
    return Known(_owners(settings, wanted), _opted_out(settings, wanted))


def _owners(settings: Settings, wanted: set[Address]) -> Counter[Address] | None:
    path = settings.published / "person_addresses.parquet"
    if not path.exists():
        return None
    with reading_table(path), duckdb.connect() as connection:
        rows = connection.execute(
            "select channel, compared_as, count(distinct member_id) from read_parquet(?) "
            "group by channel, compared_as",
            [exactly(path)],
        ).fetchall()
        rows += _owners_of_tokens(settings, connection)
    counts = {(channel, address): count for channel, address, count in rows}
    return Counter({one: counts[one] for one in wanted & counts.keys()})


def _owners_of_tokens(
    settings: Settings, connection: duckdb.DuckDBPyConnection
) -> list[tuple[str, str, int]]:
    """Return the devices' tokens with how many customers have each; none before a run has them."""
    path = settings.published / "customer_profiles.parquet"
    if not settings.push_token_column or not path.exists():
        return []
    token = token_of(settings)
    with reading_table(path), suppress(duckdb.BinderException):
        return connection.execute(
            f"select 'push', {token} as token, count(*) from read_parquet(?) "
            "where token is not null group by token",
            [exactly(path)],
        ).fetchall()
    return []


def _opted_out(settings: Settings, wanted: set[Address]) -> set[Address]:
    found = {
        (channel, same_address(channel, address))
        for channel, address in (*_published_opt_outs(settings), *_recorded_opt_outs(settings))
    }
    erasures = load_erasures(Lake(settings.lake))
    return {one for one in wanted if one in found or (one[0], erasures.digest(one[1])) in found}


def _published_opt_outs(settings: Settings) -> list[Address]:
    path = settings.published / "consent.parquet"
    if not path.exists():
        return []
    with reading_table(path), duckdb.connect() as connection:
        return connection.execute(
            "select distinct channel, address from read_parquet(?) where status = 'opt_out'",
            [exactly(path)],
        ).fetchall()


def _recorded_opt_outs(settings: Settings) -> list[Address]:
    return [
        (row["channel"], row["address"])
        for batch in Lake(settings.lake).read("consent_entries", ["channel", "address", "status"])
        for row in batch.to_pylist()
        if row["status"] == "opt_out"
    ]
