"""Decide for each resource how it is read, and see to it that each table of the lake exists."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import stripe

from stripe_pipeline.lake import object_table
from stripe_pipeline.stripe_api import access
from stripe_pipeline.stripe_api.backfill import backfill, begin
from stripe_pipeline.stripe_api.catalog import BY_NAME, Resource
from stripe_pipeline.stripe_api.cursors import newest_cursor
from stripe_pipeline.stripe_api.customers import fetch_unknown
from stripe_pipeline.stripe_api.reading import Reading
from stripe_pipeline.stripe_api.sentences import first_of, missing_permission


async def run(reading: Reading, wanted: list[Resource], full: bool) -> None:
    """Read the wanted resources, each as its state in the lake asks for."""
    now = int(time.time())
    async with asyncio.TaskGroup() as group:
        for resource in wanted:
            group.create_task(_pass(reading, resource, now))
    if BY_NAME["customers"] in wanted and reading.report(BY_NAME["customers"]).is_readable:
        await fetch_unknown(reading)
    _leave_no_table_missing(reading, wanted)
    access.record(
        reading.lake,
        reading.key,
        {resource: reading.report(resource).is_readable for resource in wanted},
    )


async def _pass(reading: Reading, resource: Resource, now: int) -> None:
    cursor = begin(newest_cursor(reading.lake, resource.name, reading.key), now, now)
    with skipping_what_is_forbidden(reading, resource):
        await backfill(reading, resource, cursor)


@contextmanager
def skipping_what_is_forbidden(reading: Reading, resource: Resource) -> Iterator[None]:
    """Turn a missing permission into a warning and a note in the report; time the rest."""
    report = reading.report(resource)
    started = time.monotonic()
    try:
        yield
    except* stripe.PermissionError as errors:
        report.is_readable = False
        refusal = first_of(errors)
        assert isinstance(refusal, stripe.PermissionError)
        reading.warn(missing_permission(resource, refusal))
    finally:
        report.seconds += time.monotonic() - started


def _leave_no_table_missing(reading: Reading, wanted: list[Resource]) -> None:
    for resource in wanted:
        if not reading.lake.batches(resource.name):
            cursor = newest_cursor(reading.lake, resource.name, reading.key)
            reading.lake.append(resource.name, object_table([]), msgspec.to_builtins(cursor))
