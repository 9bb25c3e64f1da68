"""Assets of the dbt project: the warehouse's tables, computed from the lake."""

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import dagster as dg
from dagster_dbt import dbt_assets

from stripe_pipeline.inputs.exchange_rates import check_exchange_rates, say_which_rates
from stripe_pipeline.inputs.person_overrides import check_overrides
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.tables import ensure_tables
from stripe_pipeline.orchestration.dbt_assets import (
    Dbt,
    Translator,
    dbt_project,
    dbt_resource,
    events_with_metadata,
)
from stripe_pipeline.orchestration.runs import run_as_of
from stripe_pipeline.orchestration.terminating import told_of_termination
from stripe_pipeline.settings import Settings, load_settings
from stripe_pipeline.surroundings import only_in_environment
from stripe_pipeline.warehouse.damaged import DamagedWarehouseError, remove_warehouse
from stripe_pipeline.warehouse.dbt_failures import dbt_failure
from stripe_pipeline.warehouse.dbt_folders import dbt_folder
from stripe_pipeline.warehouse.manifest import prepare_manifest
from stripe_pipeline.warehouse.renewal import computing, renew_warehouse, renewing
from stripe_pipeline.warehouse.transform import TESTS_OF_THE_SQL, dbt_process_environment

logger = logging.getLogger(__name__)

_settings = load_settings()
# Unit tests check the SQL, not the data, as the tests tagged `grain` do: `make test` runs them, an
# hourly run need not.
_BUILD = ["build", "--exclude-resource-type", "unit_test"]
# Run only the selected models' tests whose parents are all selected: other tables may not exist.
_SELECTING = {"DBT_INDIRECT_SELECTION": "buildable"}


@dbt_assets(
    manifest=prepare_manifest(_settings),
    project=dbt_project(_settings),
    dagster_dbt_translator=Translator(),
    name="dbt",
    pool="duckdb",
    exclude=TESTS_OF_THE_SQL,
)
def dbt_models(context: dg.AssetExecutionContext, dbt: Dbt) -> Iterator[Any]:
    """Build and test every selected model in one dbt process, the warehouse's one writer."""
    with told_of_termination(context, "The computing of the tables"):
        yield from _compute(context, dbt, load_settings())


def _compute(context: dg.AssetExecutionContext, dbt: Dbt, settings: Settings) -> Iterator[Any]:
    check_overrides(settings)
    say_which_rates(check_exchange_rates(settings))
    ensure_tables(Lake(settings.lake))
    as_of = run_as_of(context, settings)
    with computing(settings):
        if context.selected_asset_keys != dbt_models.keys:
            # Erased data has to be removed from the tables that aren't selected, too.
            renew_warehouse(settings, as_of)
            yield from _build(context, dbt, settings, as_of)
        else:
            with renewing(settings, as_of):
                yield from _build(context, dbt, settings, as_of)


def _build(
    context: dg.AssetExecutionContext, dbt: Dbt, settings: Settings, as_of: datetime
) -> Iterator[Any]:
    logger.info("Computing orders, profiles, segments and points, and testing each table")
    with only_in_environment(dbt_process_environment(settings, as_of) | _SELECTING):
        invocation = dbt.cli(_BUILD, context=context, target_path=dbt_folder(settings) / "target")
    try:
        yield from events_with_metadata(invocation, settings)
    except dg.Failure:
        failure = dbt_failure(settings)
        if isinstance(failure, DamagedWarehouseError):
            remove_warehouse(settings.warehouse)
        raise failure from None


resources = {"dbt": dbt_resource(_settings)}
