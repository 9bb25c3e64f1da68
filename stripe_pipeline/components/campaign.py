"""`dg scaffold defs Campaign NAME` writes `campaigns/NAME/`."""

from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field

from stripe_pipeline.activation.campaign_files import CAMPAIGN
from stripe_pipeline.activation.campaigns import load_campaigns
from stripe_pipeline.activation.contract import load_contract
from stripe_pipeline.activation.new_campaign import skeleton, write_draft
from stripe_pipeline.components.pointer import named_file, scaffold
from stripe_pipeline.settings import Settings, load_settings


class CampaignScaffolder(dg.Scaffolder):
    """Writes a campaign's folder as a draft of an email, which writes no message yet."""

    def scaffold(self, request: dg.ScaffoldRequest[Any]) -> None:
        """Write `campaigns/NAME/`, and the `defs.yaml` that names it."""
        scaffold(request, _write)


def _write(settings: Settings, name: str) -> Path:
    contract = load_contract(settings.segments).with_fields(settings.metadata_columns)
    write_draft(settings, contract, skeleton(name, None, "email"))
    return settings.campaigns / name / CAMPAIGN


@dg.scaffold_with(CampaignScaffolder)
class Campaign(dg.Component, dg.Model, dg.Resolvable):
    """A campaign: one message to the members of a segment, written as a folder in `campaigns/`.

    Its asset is `campaigns/NAME`: each export shows there whom the campaign reached.
    """

    file: str = Field(description="The campaign's file, from the project's folder on.")

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """Check the file. Its asset is made in definitions.py, as that of each campaign's file is.

        Raises:
            UsageError: there is no such file, or campaign files are wrong: every mistake is told.
        """
        settings = load_settings()
        path = named_file(self.file, context, settings.campaigns)
        if path.is_relative_to(settings.campaigns):
            load_campaigns(settings)
        return dg.Definitions()
