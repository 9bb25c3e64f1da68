"""Look into a lake as a reader of it would."""

import json
from datetime import UTC, datetime
from typing import Any

from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.erasures import load_erasures
from stripe_pipeline.privacy.forgotten import Forgotten
from stripe_pipeline.stripe_client.catalog import BY_NAME, RESOURCES
from stripe_pipeline.stripe_client.lists.pages import Item, read_one
from stripe_pipeline.stripe_client.lists.pages import row as _row
from tests.fake_stripe.server import Account

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
    """The lake's live objects are the account's, whole but for those of customers who are gone."""
    theirs = Forgotten(load_erasures(lake))
    for resource in RESOURCES:
        expected = {
            each: without_what_is_erased(theirs, resource.name, body)
            for each, body in account.objects[resource.name].items()
        }
        assert live(lake, resource.name) == expected, resource.name


def without_what_is_erased(
    theirs: Forgotten, resource: str, body: dict[str, Any]
) -> dict[str, Any]:
    """An object as the lake has it: whole, unless it is of a customer who is erased."""
    encoded = json.dumps(body).encode()
    item = read_one(encoded, BY_NAME[resource], False)
    assert isinstance(item, Item)
    row = _row(item, datetime.now(UTC))
    kept: dict[str, Any] = json.loads(theirs.cleaned(resource, [row])[0].body)
    return kept
