"""What Dagster loads, when it asks for it: this module reads no setting and parses no model."""

import dagster as dg

from stripe_pipeline.components.campaign_assets import campaign_specs
from stripe_pipeline.defs.activation import EXPORTS, published_asset
from stripe_pipeline.defs.transformation import dbt_models
from stripe_pipeline.home import Home
from stripe_pipeline.orchestration.dbt_process import dbt_resource
from stripe_pipeline.process.environment import PROJECT_ROOT
from stripe_pipeline.warehouse.manifest import prepare_manifest


@dg.definitions
def definitions() -> dg.Definitions:
    """Return the definitions of the home that this process's environment names."""
    return definitions_of(Home())


def definitions_of(home: Home) -> dg.Definitions:
    """Return every definition, with a home as its resource.

    Dagster finds each file below `defs/` by itself. Only what is made from dbt's manifest, which
    lies in the home, is added here: the models, `published`, which depends on them, and the
    campaigns, whose folder the home's settings name.
    """
    models = dbt_models(prepare_manifest(home.settings))
    campaigns = campaign_specs(home.settings, EXPORTS)
    return dg.Definitions.merge(
        dg.load_from_defs_folder(path_within_project=PROJECT_ROOT),
        dg.Definitions(
            assets=[models, published_asset(models), *campaigns],
            resources={"home": home, "dbt": dbt_resource()},
        ),
    )
