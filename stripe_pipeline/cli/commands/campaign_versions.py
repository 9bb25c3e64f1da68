"""What `campaigns list` and `campaigns show` say of a campaign's versions."""

import sys
from typing import Any

import typer

from stripe_pipeline.activation.campaign import Campaign
from stripe_pipeline.activation.campaigns import load_campaigns
from stripe_pipeline.activation.preview import one_named
from stripe_pipeline.activation.versions import (
    Version,
    digest_of,
    first_runs,
    next_version,
    recorded_versions,
    text_changes,
)
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings
from stripe_pipeline.settings.clock import in_words
from stripe_pipeline.warehouse.readers import to_json


def version_columns(settings: Settings, campaign: Campaign) -> dict[str, Any]:
    """Return the version of a campaign's files, and since when runs send it."""
    known = recorded_versions(Lake(settings.lake), campaign.name)
    theirs = [one for one in known if one.digest == digest_of(campaign)][-1:]
    is_run = bool(theirs) and theirs[0].version == next_version(known, campaign)
    went = [one.as_of for one in known if one.is_live and one.audience == campaign.audience.name]
    return {
        "version": next_version(known, campaign),
        "first_run": theirs[0].as_of if is_run else None,
        "went_live": went[0] if went else None,
    }


def show_in_terminal(settings: Settings, name: str, *, as_json: bool) -> None:
    """Print a campaign's versions, oldest first, each with what it changed; or their JSON.

    Raises:
        UsageError: there is no such campaign, or a file is wrong.
    """
    campaign = one_named(load_campaigns(settings), name)
    known = recorded_versions(Lake(settings.lake), name)
    rows = [_told(one, known) for one in first_runs(known)]
    if as_json:
        sys.stdout.write(to_json({**version_columns(settings, campaign), "versions": rows}) + "\n")
        return
    for row in rows:
        sends = "sends on" if row["is_live"] else "a rehearsal"
        typer.echo(f"Version {row['version']}, first run as of {in_words(row['as_of'])} ({sends})")
        for line in row["changes"]:
            typer.echo(f"  {line}")
    typer.echo(_now(settings, campaign))


def _told(one: Version, known: list[Version]) -> dict[str, Any]:
    before = [each for each in known if each.version == one.version - 1]
    return {
        "version": one.version,
        "audience": one.audience,
        "is_live": one.is_live,
        "as_of": one.as_of,
        "recorded_at": one.recorded_at,
        "changes": text_changes(before[0], one) if before else [],
    }


def _now(settings: Settings, campaign: Campaign) -> str:
    columns = version_columns(settings, campaign)
    if columns["first_run"] is None:
        when = "the next run" if campaign.is_live else "its first run with `status: live`"
        return f"The files as they are now are version {columns['version']} from {when} on."
    return f"The files as they are now are version {columns['version']}."
