"""Look into a lake as a reader of it would."""

import json
from typing import Any

from stripe_pipeline.lake import Lake
from stripe_pipeline.stripe_api.catalog import RESOURCES
from tests.stripe_api.fake import Account

Bodies = dict[str, dict[str, Any]]


def current(lake: Lake, resource: str) -> Bodies:
    """The newest version of each object, deleted ones included."""
    return {body["id"]: body for body in versions(lake, resource)}


def versions(lake: Lake, resource: str) -> list[dict[str, Any]]:
    """Every row's body, in the order of writing."""
    tables = list(lake.read(resource, ["body"]))
    return [json.loads(body) for table in tables for body in table["body"].to_pylist()]


def live(lake: Lake, resource: str) -> Bodies:
    """The newest versions without the deleted."""
    return {each: body for each, body in current(lake, resource).items() if "deleted" not in body}


def counts(lake: Lake) -> dict[str, int]:
    """Rows by resource."""
    return {each.name: len(versions(lake, each.name)) for each in RESOURCES}


def assert_mirrors(lake: Lake, account: Account) -> None:
    """The lake's live objects are the account's, whole."""
    for resource in RESOURCES:
        assert live(lake, resource.name) == account.objects[resource.name], resource.name
