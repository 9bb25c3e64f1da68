"""An asset for each campaign's file, of which exports say whom the campaign reached."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import yaml

from stripe_pipeline.activation.campaign_files import campaign_paths
from stripe_pipeline.files.yaml_file import read_yaml
from stripe_pipeline.process.environment import PROJECT_ROOT
from stripe_pipeline.settings import Settings

logger = logging.getLogger(__name__)
CAMPAIGNS = "campaigns"
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, yaml.YAMLError)


def campaign_key(name: str) -> dg.AssetKey:
    """Return the key of a campaign's asset."""
    return dg.AssetKey([CAMPAIGNS, name])


def campaign_specs(settings: Settings, exports: set[dg.AssetKey]) -> list[dg.AssetSpec]:
    """Return an asset for each campaign, below its segment and its channel's export.

    A file that says too little has none: what is wrong in it is told by the run, which checks
    campaigns whole. `exports` are the keys of the exports that there are.
    """
    if not settings.campaigns.is_dir():
        return []
    found = {}
    for path in campaign_paths(settings.campaigns):
        for spec in _specs(path, settings, exports):
            found[spec.key] = spec
    return list(found.values())


def _specs(path: Path, settings: Settings, exports: set[dg.AssetKey]) -> Iterator[dg.AssetSpec]:
    try:
        said: Any = read_yaml(path)
        name, channel = str(said["name"]), str(said["channel"])
        whom = _whom(said)
    except _UNREADABLE:
        logger.warning("Campaign file %s can't be read, so it has no asset; a run says why.", path)
        return
    segment = [dg.AssetKey(["marts", f"segment_{said['segment']}"])] if "segment" in said else []
    yield dg.AssetSpec(
        campaign_key(name),
        deps=[*segment, *({dg.AssetKey(f"{channel}_export")} & exports)],
        group_name="activation",
        kinds={"yaml"},
        description=_description(said, channel, whom),
        metadata={"channel": channel, "file": _shown(path)},
    )


def _whom(said: Any) -> str:
    """Return in words who gets a campaign: the members of a segment, or after which fact."""
    if "segment" in said:
        return f"to the segment {said['segment']}"
    trigger = said["trigger"]
    named = ", ".join(map(str, trigger)) if isinstance(trigger, dict | list) else trigger
    return f"after {named}"


def _description(said: Any, channel: str, whom: str) -> str:
    written = " ".join(str(said.get("description") or "").split())
    kind = f"A campaign by {channel} {whom} ({said.get('status') or 'live'})."
    return f"{written} {kind}".strip()


def _shown(path: Path) -> str:
    return str(path.relative_to(PROJECT_ROOT) if path.is_relative_to(PROJECT_ROOT) else path.name)
