"""What Dagster loads: exactly these assets, each explained, and when they run by themselves."""

import shutil
import threading
import time
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from stripe_pipeline.process.environment import PROJECT_ROOT
from stripe_pipeline.stripe_client.catalog import RESOURCES
from stripe_pipeline.warehouse.missing_rates import MISSING_RATES_CHECK
from stripe_pipeline.warehouse.stale_rates import STALE_RATES_CHECK

GROUPS = {"lake", "stripe", "staging", "orders", "profiles", "segments", "loyalty", "activation"}


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
    assert in_group == {f"stripe/{resource.name}" for resource in RESOURCES}


def test_exactly_these_assets(specs: dict[str, dg.AssetSpec]) -> None:
    """The keys are part of the contract; a new one is written into the file on purpose."""
    listed = (Path(__file__).parent / "asset_keys.txt").read_text().split()
    assert sorted(specs) == listed


def test_blocking_checks_and_warnings(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    blocking = {key for key in graph.asset_check_keys if graph.get(key).blocking}
    readable = {key for key in graph.asset_check_keys if key.name == "readable"}
    assert {key.asset_key.path[0] for key in readable} == {"stripe"}
    assert not readable & blocking
    assert len(blocking) > 30
    # What lacks a rate is held by itself; all else goes on.
    missing = dg.AssetKey(["marts", "missing_exchange_rates"])
    assert dg.AssetCheckKey(missing, MISSING_RATES_CHECK) in graph.asset_check_keys - blocking
    stale = dg.AssetKey(["marts", "stale_exchange_rates"])
    assert dg.AssetCheckKey(stale, STALE_RATES_CHECK) in graph.asset_check_keys - blocking


def test_the_checks_of_what_is_read_from_stripe(definitions: dg.Definitions) -> None:
    """Each holds nothing up in Dagster: `reconcile_drift` holds what goes out, see test_drift."""
    graph = definitions.resolve_asset_graph()
    checks: dict[str, set[str]] = {}
    for key in graph.asset_check_keys:
        if key.asset_key.path[0] == "stripe":
            checks.setdefault(key.name, set()).add(key.asset_key.path[-1])
            assert not graph.get(key).blocking
            assert len(graph.get(key).description or "") > 40
    everything = {resource.name for resource in RESOURCES}
    referring = everything - {"customers", "products", "coupons", "events"}
    assert checks == {
        "readable": everything, "usable": everything, "fresh": everything, "unique": everything,
        "reconcile_drift": everything, "references": referring,
    }  # fmt: skip


def pool_of(node: Any) -> str | None:
    """The pool of a job's step; Dagster types the definition of a node more widely than that."""
    assert isinstance(node.definition, dg.OpDefinition)
    return node.definition.pool


def test_only_one_process_writes(definitions: dg.Definitions) -> None:
    job = definitions.resolve_job_def("stripe_pipeline")
    pools = {node.name: pool_of(node) for node in job.nodes}
    assert pools == {
        "stripe": "lake", "email_export": "lake", "sms_export": "lake", "push_export": "lake",
        "dbt": "duckdb", "published": "duckdb", "stripe_checks": "duckdb",
    }  # fmt: skip
    weekly = definitions.resolve_job_def("reconcile")
    assert [pool_of(node) for node in weekly.nodes] == ["lake"]


def test_a_step_waits_for_its_pool(tmp_path: Path) -> None:
    """With the project's own dagster.yaml: a pool without a limit would let everybody in."""
    shutil.copy(PROJECT_ROOT / "dagster.yaml", tmp_path)

    @dg.op(pool="duckdb")
    def write() -> float:
        return time.monotonic()

    @dg.job
    def writing() -> None:
        write()

    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        storage = instance.event_log_storage
        storage.initialize_concurrency_limit_to_default("duckdb")
        assert storage.claim_concurrency_slot("duckdb", "another run", "write").is_claimed
        freed: list[float] = []

        def free() -> None:
            freed.append(time.monotonic())
            storage.free_concurrency_slots_for_run("another run")

        timer = threading.Timer(3, free)
        timer.start()
        result = writing.execute_in_process(instance=instance)
        timer.join()
    assert result.output_for_node("write") > freed[0]
