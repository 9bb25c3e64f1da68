"""The dbt project's own rules, read from the manifest that dbt writes."""

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lint.constructs import PYTHONS
from stripe_pipeline.process.environment import PROJECT_ROOT
from stripe_pipeline.stripe_client.catalog import RESOURCES
from stripe_pipeline.warehouse.dbt_plugin import Plugin
from stripe_pipeline.warehouse.queries import QUERIES

Node = dict[str, Any]
Manifest = dict[str, Any]

SCHEMAS = {
    "raw": "raw",
    "staging": "staging",
    "intermediate": "intermediate",
    "marts": "marts",
    "activation": "activation",
}
GROUPS = {"stripe", "staging", "orders", "profiles", "segments", "loyalty", "activation"}
READS_SOURCES = {"raw", "staging"}
KEY_TESTS = {"is_key", "unique_combination"}
# The one row a run, and what must be empty: neither has a key to test.
KEYLESS = {"missing_exchange_rates", "consent"}
# No run builds them: `make test` tests their key, as it does those of the intermediate models.
PUBLISHED_AS_QUERIES = set(QUERIES)
TOKENS = {
    "stripe_customer_id",
    "stripe_order_products",
    "stripe_total_orders",
    "stripe_total_sales",
    "stripe_order_status",
    "stripe_order_last_value",
    "stripe_last_create_order_date",
    "stripe_first_create_order_date",
    *(
        f"stripe_subscription_{status}"
        for status in ("active", "cancelled", "paused", "trial", "past_due")
    ),
}


@pytest.fixture(scope="module")
def models(manifest: Manifest) -> list[Node]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def layer(node: Node) -> str:
    return str(node["fqn"][1])


def test_a_model_lies_in_the_schema_of_its_folder(models: list[Node]) -> None:
    wrong = [model["name"] for model in models if model["schema"] != SCHEMAS[layer(model)]]
    assert wrong == []


def test_every_stripe_resource_has_a_raw_view_under_its_own_name(models: list[Node]) -> None:
    views = {model["alias"] for model in models if layer(model) == "raw"}
    assert {resource.name for resource in RESOURCES} <= views
    assert {"invoice_lines", "subscription_items", "resource_access"} <= views


def test_every_stripe_source_is_the_asset_of_its_resource(manifest: Manifest) -> None:
    keys = {
        source["name"]: source["config"]["meta"].get("dagster", {}).get("asset_key")
        for source in manifest["sources"].values()
    }
    assert all(keys[resource.name] == ["stripe", resource.name] for resource in RESOURCES)


def test_only_raw_and_staging_read_sources(models: list[Node]) -> None:
    readers = {layer(m) for m in models if any(d.startswith("source.") for d in _parents(m))}
    assert readers <= READS_SOURCES


def _parents(node: Node) -> list[str]:
    return list(node["depends_on"]["nodes"])


def test_only_run_clock_reads_the_as_of_instant(models: list[Node]) -> None:
    readers = [m["name"] for m in models if re.search(r"setting\('as_of'", m["raw_code"])]
    assert readers == ["run_clock"]


def test_every_model_is_described_and_in_a_group(models: list[Node]) -> None:
    bare = [model["name"] for model in models if not model["description"].strip()]
    assert bare == []
    strays = [model["name"] for model in models if model["config"]["group"] not in GROUPS]
    assert strays == []


def test_what_people_read_is_under_contract_with_every_column_described(models: list[Node]) -> None:
    for model in (m for m in models if layer(m) in {"marts", "activation"}):
        assert model["config"]["contract"]["enforced"], model["name"]
        for column in model["columns"].values():
            assert column["description"], (model["name"], column["name"])
            assert column["data_type"], (model["name"], column["name"])


def test_every_column_is_described(models: list[Node], demo_home: Path) -> None:
    with duckdb.connect(str(demo_home / "warehouse.duckdb"), read_only=True) as warehouse:
        columns = warehouse.execute(
            "select schema_name, table_name, list(column_name) from duckdb_columns() "
            # A setting names these; the docs page gets their descriptions when it is written.
            "where not starts_with(column_name, 'stripe_metadata_') group by all"
        ).fetchall()
    built = {(schema, table): set(names) for schema, table, names in columns}
    wrong = {
        model["name"]: sorted(built[model["schema"], model["alias"]] ^ _described(model))
        for model in models
    }
    assert {name: columns for name, columns in wrong.items() if columns} == {}


def _described(model: Node) -> set[str]:
    return {name for name, column in model["columns"].items() if column["description"].strip()}


def test_every_mart_has_a_tested_key(manifest: Manifest, models: list[Node]) -> None:
    tested = {
        parent
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and node.get("test_metadata")
        if node["test_metadata"]["name"] in KEY_TESTS
        for parent in _parents(node)
    }
    untested = [
        model["name"]
        for model in models
        if layer(model) in {"marts", "activation"}
        and model["unique_id"] not in tested
        and model["name"] not in KEYLESS | PUBLISHED_AS_QUERIES
        # Members and history are tested over all segments.
        and not re.fullmatch(r"segment_(?!candidates|members|history).*", model["name"])
    ]
    assert untested == []


def test_the_thirteen_tokens_are_in_the_profiles(models: list[Node]) -> None:
    profiles = next(model for model in models if model["name"] == "customer_profiles")
    assert profiles["columns"].keys() >= TOKENS


def test_a_segment_says_which_fields_of_a_profile_its_rule_names(models: list[Node]) -> None:
    """A customer who lacks an exchange rate for one of them is neither let in nor put out."""
    profiles = next(model for model in models if model["name"] == "customer_profiles")
    segments = [
        model
        for model in models
        if re.match(r"segment_(?!candidates|members|history)", model["name"])
    ]
    assert len(segments) >= 9
    for model in segments:
        declared, code = model["config"]["meta"]["fields"], model["raw_code"]
        assert set(declared) <= profiles["columns"].keys(), model["name"]
        named = {name for name in profiles["columns"] if re.search(rf"\bprofiles\.{name}\b", code)}
        assert named - {"stripe_customer_id"} == set(declared), model["name"]


def test_every_macro_is_described(manifest: Manifest) -> None:
    own = [m for m in manifest["macros"].values() if m["package_name"] == "stripe_pipeline"]
    bare = [
        macro["name"]
        for macro in own
        if not macro["description"]
        and not macro["name"].startswith(("duckdb__", "spark__", "test_"))
    ]
    assert bare == []


def test_no_model_can_call_a_function_of_pythons(tmp_path: Path) -> None:
    """The one function that the plugin registers is for macros."""
    with duckdb.connect() as connection:
        Plugin("contacts", {"lake": tmp_path}).configure_connection(connection)
        found = connection.execute("select function_name from duckdb_functions()").fetchall()
    names = {name for (name,) in found}
    functions = {*PYTHONS, "normalize_email", "normalize_phone"}
    assert names & {*functions, "staging_code"} == {"staging_code"}
    models = (PROJECT_ROOT / "dbt_project" / "models").rglob("*.sql")
    assert [path for path in models if "staging_code" in path.read_text()] == []
