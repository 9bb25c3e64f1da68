"""Load the campaign folder: every campaign is validated completely before a run starts."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from stripe_pipeline.activation.account import load_account
from stripe_pipeline.activation.campaign import Campaign
from stripe_pipeline.activation.campaign_files import campaign_paths
from stripe_pipeline.activation.campaign_mistakes import Checked, Mistake, checked
from stripe_pipeline.activation.contract import Contract, load_contract
from stripe_pipeline.activation.yaml_places import YamlFile
from stripe_pipeline.errors import UsageError
from stripe_pipeline.settings import Settings
from stripe_pipeline.values.words import listed


def load_campaigns(settings: Settings, contract: Contract | None = None) -> list[Campaign]:
    """Read and validate every campaign file, in the order of their names.

    Raises:
        UsageError: campaign files are wrong; every mistake is listed with file and line.
        PipelineError: the dbt project, which says what campaigns may name, can't be read.
    """
    folder = settings.campaigns
    if not folder.is_dir():
        raise UsageError(
            f"There is no campaign folder {folder}; create it, or name another in "
            "STRIPE_PIPELINE_CAMPAIGNS."
        )
    names = (contract or load_contract(settings.segments)).with_fields(settings.metadata_columns)
    account = load_account(folder)
    names = replace(names, account=account.values)
    found = [checked(YamlFile(path), folder, names) for path in campaign_paths(folder)]
    told = [*account.said, *(said for one in found for said in one.said)]
    told += [f"Campaign file {mistake}" for mistake in _twins(found)]
    if told:
        raise _refusal(list(dict.fromkeys(told)))
    campaigns = [one.campaign for one in found if one.campaign]
    return sorted(campaigns, key=lambda campaign: campaign.name)


def _refusal(told: list[str]) -> UsageError:
    """Return the error for these mistakes: one as a sentence, several as a list."""
    if len(told) == 1:
        return UsageError(told[0])
    return UsageError(f"{len(told):,} things in campaign files are to be corrected:{listed(told)}")


def _twins(files: list[Checked]) -> Iterator[Mistake]:
    seen: dict[str, Path] = {}
    for one in files:
        if one.name in seen:
            first = seen[one.name]
            named = first.name if first.parent == one.file.path.parent else str(first)
            taken = f"the name {one.name} is taken by {named}; give one of them another."
            yield Mistake(one.file.key_place("name"), taken)
        elif one.name:
            seen[one.name] = one.file.path
