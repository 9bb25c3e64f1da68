"""Dagster's resource `dbt`: a dbt process with the environment of one home, and no other."""

import importlib.metadata
from dataclasses import dataclass
from datetime import datetime

import dagster as dg
from dagster_dbt import DbtCliInvocation
from dagster_dbt.asset_utils import (
    get_manifest_and_translator_from_dbt_assets,
    get_subset_selection_for_context,
)
from packaging.version import Version

from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.dbt_folders import dbt_folder, project_folder
from stripe_pipeline.warehouse.transform import (
    TESTS_OF_THE_SQL,
    dbt_executable,
    dbt_process_environment,
)

# Unit tests check the SQL, not the data, as the tests tagged `grain` do: `make test` runs them, an
# hourly run need not.
_BUILD = ("build", "--exclude-resource-type", "unit_test", "--exclude", TESTS_OF_THE_SQL)
# Run only the selected models' tests whose parents are all selected: other tables may not exist.
_SELECTING = "buildable"
# What dagster-dbt reads: a JSON object a line, as it is printed.
_READABLE = {"DBT_LOG_FORMAT": "json", "PYTHONUNBUFFERED": "1"}


@dataclass(frozen=True)
class Dbt:
    """Starts dbt in place of dagster-dbt's DbtCliResource, which passes this process's environment.

    It also leaves out two steps that the other one takes at each call: `dbt --version`, which takes
    seconds and asks PyPI for a newer one, and an adapter in this process for row counts.
    """

    executable: str

    def build(
        self, context: dg.AssetExecutionContext, settings: Settings, as_of: datetime
    ) -> DbtCliInvocation:
        """Start dbt on the models and tests that a step selects; its events are read from it."""
        manifest, translator, _ = get_manifest_and_translator_from_dbt_assets([context.assets_def])
        selection, selecting = get_subset_selection_for_context(
            context, manifest, None, None, None, translator, _SELECTING
        )
        environment = dbt_process_environment(settings, as_of) | _READABLE
        return DbtCliInvocation.run(
            args=[self.executable, *_BUILD, *selection],
            env=environment | {"DBT_INDIRECT_SELECTION": selecting or _SELECTING},
            manifest=manifest,
            dagster_dbt_translator=translator,
            project_dir=project_folder(settings),
            target_path=dbt_folder(settings) / "target",
            raise_on_error=True,
            context=context,
            adapter=None,
            cli_version=Version(importlib.metadata.version("dbt-core")),
        )


def dbt_resource() -> Dbt:
    """Return the resource for the dbt that is installed beside this Python."""
    return Dbt(dbt_executable())
