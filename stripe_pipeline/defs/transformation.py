"""Assets of the dbt project: the warehouse's tables, computed from the lake."""

import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import dbt_assets

from stripe_pipeline.home import Home
from stripe_pipeline.inputs.exchange_rates import check_exchange_rates, say_which_rates
from stripe_pipeline.inputs.person_overrides import check_overrides
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.tables import ensure_tables
from stripe_pipeline.normalizing.step import normalized
from stripe_pipeline.orchestration.dbt_assets import Translator, events_with_metadata
from stripe_pipeline.orchestration.dbt_process import Dbt
from stripe_pipeline.orchestration.runs import run_as_of
from stripe_pipeline.orchestration.terminating import explaining_termination
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.damaged import DamagedWarehouseError, remove_warehouse
from stripe_pipeline.warehouse.dbt_failures import dbt_failure
from stripe_pipeline.warehouse.renewal import computing, renew_warehouse, renewing
from stripe_pipeline.warehouse.transform import TESTS_OF_THE_SQL

logger = logging.getLogger(__name__)


def dbt_models(manifest: Path) -> dg.AssetsDefinition:
    """Build an asset for each model and seed of dbt's manifest, and a check for each test."""

    @dbt_assets(
        manifest=manifest,
        dagster_dbt_translator=Translator(),
        name="dbt",
        pool="duckdb",
        exclude=TESTS_OF_THE_SQL,
    )
    def models(
        context: dg.AssetExecutionContext,
        dbt: dg.ResourceParam[Dbt],
        home: dg.ResourceParam[Home],
    ) -> Iterator[Any]:
        """Build and test every selected model in one dbt process, the warehouse's one writer."""
        is_whole = context.selected_asset_keys == models.keys
        with explaining_termination(context, "The computing of the tables"):
            yield from _compute(context, dbt, home.settings, is_whole=is_whole)

    return models


def _compute(
    context: dg.AssetExecutionContext, dbt: Dbt, settings: Settings, *, is_whole: bool
) -> Iterator[Any]:
    check_overrides(settings)
    say_which_rates(check_exchange_rates(settings))
    ensure_tables(Lake(settings.lake))
    as_of = run_as_of(context, settings)
    with computing(settings):
        if is_whole:
            with renewing(settings, as_of):
                yield from _build(context, dbt, settings, as_of)
        else:
            # Erased data has to be removed from the tables that aren't selected, too.
            renew_warehouse(settings, as_of)
            yield from _build(context, dbt, settings, as_of)


def _build(
    context: dg.AssetExecutionContext, dbt: Dbt, settings: Settings, as_of: datetime
) -> Iterator[Any]:
    logger.info("Computing orders, profiles, segments and points, and testing each table")
    try:
        with normalized(Lake(settings.lake)):
            yield from events_with_metadata(dbt.build(context, settings, as_of), settings)
    except dg.Failure:
        failure = dbt_failure(settings)
        if isinstance(failure, DamagedWarehouseError):
            remove_warehouse(settings.warehouse)
        raise failure from None
