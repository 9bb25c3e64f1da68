"""dbt's models as Dagster assets: their keys, descriptions, and what a build says of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtCliInvocation

from stripe_pipeline.orchestration.preview import table_metadata
from stripe_pipeline.orchestration.segment_metadata import segment_metadata, segment_of
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.catalog import BY_NAME
from stripe_pipeline.warehouse.dbt_findings import finding
from stripe_pipeline.warehouse.missing_rates import MISSING_RATES_CHECK, missing_rates_sentence
from stripe_pipeline.warehouse.stale_rates import STALE_RATES_CHECK, stale_rates_sentence
from stripe_pipeline.warehouse.unmatched_money import (
    UNMATCHED_MONEY_CHECK,
    unmatched_money_sentence,
)

# Tests whose finding is a sentence with names and amounts, instead of a number of rows.
SENTENCES = {
    MISSING_RATES_CHECK: missing_rates_sentence,
    STALE_RATES_CHECK: stale_rates_sentence,
    UNMATCHED_MONEY_CHECK: unmatched_money_sentence,
}


class Translator(DagsterDbtTranslator):
    """Asset keys are the tables' names in the warehouse; dbt_project.yml says their groups."""

    def __init__(self) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Return `stripe/<resource>` or `lake/<log>` for a source, `<schema>/<table>` otherwise."""
        name = dbt_resource_props["name"]
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey(["stripe" if name in BY_NAME else "lake", name])
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["alias"]])

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Return the model's own description, without the SQL that dagster-dbt adds to it."""
        described: str = dbt_resource_props.get("description") or dbt_resource_props["name"]
        return described


def events_with_metadata(invocation: DbtCliInvocation, settings: Settings) -> Iterator[Any]:
    """Yield dbt's events once dbt is done, each table with its size and a preview.

    While dbt runs, it holds the warehouse, and no other process can count rows. The error that dbt
    ended with, if any, is raised after the events. A test of several tables, which can't be an
    asset check of one, is reported only by that error: its observations would bury the checks.
    """
    events: list[Any] = []
    failure: dg.Failure | None = None
    try:
        stream = invocation.stream()
        events.extend(each for each in stream if not isinstance(each, dg.AssetObservation))
    except dg.Failure as error:
        failure = error
    yield from _described(events, invocation.manifest, settings)
    if failure:
        raise failure


def _described(
    events: Sequence[Any], manifest: Mapping[str, Any], settings: Settings
) -> Iterator[Any]:
    if not settings.warehouse.exists():
        yield from events
        return
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        for event in events:
            if isinstance(event, dg.AssetCheckResult):
                event = _worded(event, manifest, connection, settings)
            elif isinstance(event, dg.Output):
                node = manifest["nodes"][event.metadata["unique_id"].value]
                event = event.with_metadata({**event.metadata, **_metadata(connection, node)})
            yield event


def _worded(
    result: dg.AssetCheckResult,
    manifest: Mapping[str, Any],
    warehouse: duckdb.DuckDBPyConnection,
    settings: Settings,
) -> dg.AssetCheckResult:
    """Add a sentence on what a failed test found."""
    if result.passed:
        return result
    if sentence := SENTENCES.get(result.check_name or ""):
        return result._replace(description=sentence(settings, warehouse))
    node = manifest["nodes"][result.metadata["unique_id"].value]
    count = result.metadata.get("dagster_dbt/failed_row_count")
    failures = count.value if isinstance(count, dg.IntMetadataValue) else None
    return result._replace(description=finding(node, failures or 0))


def _metadata(connection: duckdb.DuckDBPyConnection, node: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table's size and preview; nothing for a view, whose query would run again.

    A segment is a view, and its members are in a table of all segments.
    """
    if segment := segment_of(node):
        return segment_metadata(connection, segment)
    if node["config"]["materialized"] == "view":
        return {}
    return table_metadata(connection, node["schema"], node["alias"])
