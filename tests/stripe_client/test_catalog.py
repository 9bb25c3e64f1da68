"""The catalog asks for nothing that Stripe's published API description doesn't have."""

from typing import Any

import pytest
import stripe

from stripe_pipeline.stripe_client.catalog import API_VERSION, BY_NAME, RESOURCES
from stripe_pipeline.stripe_client.resources import NestedList, Resource
from tests.demo import published

# Came with the pinned version, which the published description is a little older than.
NEWER_STATUSES = {"appeal_needs_response", "appeal_under_review"}
# Written as plain text in the description; the names are in the library's documentation.
UNLISTED_STATUSES = {"invoice_payment": {"open"}, "refund": {"pending", "requires_action"}}
BY_RESOURCE = pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: each.name)


def operation(path: str) -> dict[str, Any]:
    """The GET of a path, whatever the description calls its placeholder."""
    shape = _shape(path)
    found = [each for each in published.paths() if _shape(each) == shape]
    assert len(found) == 1, path
    described: dict[str, Any] = published.paths()[found[0]]["get"]
    return described


def _shape(path: str) -> list[str]:
    return ["{}" if part.startswith("{") else part for part in path.split("/")]


def parameters(path: str) -> set[str]:
    return {each["name"] for each in operation(path)["parameters"]}


def entry(path: str) -> str:
    """The name of the schema of a list's entries."""
    schema = operation(path)["responses"]["200"]["content"]["application/json"]["schema"]
    reference: str = schema["properties"]["data"]["items"]["$ref"]
    return reference.rpartition("/")[2]


def test_the_version_is_the_librarys() -> None:
    assert stripe.api_version == API_VERSION


def test_telemetry_is_off() -> None:
    assert stripe.enable_telemetry is False


@BY_RESOURCE
def test_lists_take_the_parameters(resource: Resource) -> None:
    used = {"limit", "starting_after", "created", *dict(resource.parameters)}
    used |= {"expand"} if resource.expand else set()
    assert used <= parameters(resource.path)
    assert "expand" in parameters(resource.one)


@BY_RESOURCE
def test_lists_hold_the_object(resource: Resource) -> None:
    assert entry(resource.path) == resource.object


@BY_RESOURCE
def test_expansions_exist_and_are_not_too_deep(resource: Resource) -> None:
    for path in resource.expand:
        assert len(f"data.{path}".split(".")) <= 4
        assert _leads_somewhere(resource.object, path.split("."))
    for nested in resource.nested:
        for path in nested.expand:
            assert _leads_somewhere(entry(nested.path), path.split("."))


@pytest.mark.parametrize(
    "nested", [nested for each in RESOURCES for nested in each.nested], ids=lambda each: each.field
)
def test_nested_lists_have_their_endpoint(nested: NestedList) -> None:
    used = {"limit", "starting_after", *([nested.parameter] if nested.parameter else [])}
    used |= {"expand"} if nested.expand else set()
    assert used <= parameters(nested.path)


@BY_RESOURCE
def test_sweeps_use_filters_that_exist(resource: Resource) -> None:
    described = operation(resource.path)["parameters"]
    values = {each["name"]: each["schema"].get("enum") for each in described}
    for filters in resource.sweep.lists if resource.sweep else ():
        for parameter, value in filters:
            assert value in values[parameter]


@BY_RESOURCE
def test_what_is_looked_at_unasked_has_its_reason(resource: Resource) -> None:
    for looked_at in (resource.sweep, resource.unannounced):
        assert looked_at is None or len(looked_at.reason.split()) > 5
    if resource.unannounced:
        assert set(resource.unannounced.along_with) < set(BY_NAME)


@BY_RESOURCE
def test_every_status_of_a_sweep_exists(resource: Resource) -> None:
    """What is over is looked at by no one, so a misspelt status would go unnoticed."""
    field = published.schema(resource.object)["properties"].get("status", {})
    known = set(field.get("enum", ())) | NEWER_STATUSES
    known |= UNLISTED_STATUSES.get(resource.object, set())
    assert (resource.sweep.statuses or set()) <= known if resource.sweep else True


def _leads_somewhere(schema: str, path: list[str]) -> bool:
    """Follow an expansion; an entry of a nested list is reached through its `data`."""
    first, *rest = path
    found = published.schema(schema)
    if first not in found["x-expandableFields"]:
        return False
    if not rest:
        return True
    assert rest.pop(0) == "data"
    entries = found["properties"][first]["properties"]["data"]["items"]
    return _leads_somewhere(entries["$ref"].rpartition("/")[2], rest)
