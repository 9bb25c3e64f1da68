"""What Dagster loads: exactly these assets, each explained, and when they run by themselves."""

import dagster as dg
import pytest

from stripe_pipeline.stripe_api.catalog import RESOURCES

GROUPS = {"stripe", "staging", "orders", "profiles", "segments", "loyalty", "activation"}


@pytest.fixture(scope="module")
def specs(definitions: dg.Definitions) -> dict[str, dg.AssetSpec]:
    return {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}


def test_the_definitions_load(definitions: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(definitions)


def test_every_asset_has_a_group_and_a_description(specs: dict[str, dg.AssetSpec]) -> None:
    assert {spec.group_name for spec in specs.values()} == GROUPS
    unexplained = [key for key, spec in specs.items() if len(spec.description or "") < 20]
    assert unexplained == []


def test_every_resource_of_the_catalog_is_an_asset(specs: dict[str, dg.AssetSpec]) -> None:
    in_group = {key for key, spec in specs.items() if spec.group_name == "stripe"}
    assert in_group == {f"stripe/{resource.name}" for resource in RESOURCES} | {
        "lake/resource_access"
    }
