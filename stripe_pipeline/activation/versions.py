"""The versions of campaigns: a log of the lake with a row at each version's first run.

So it is known when a campaign went live on its audience, and what its messages were made of. The
log survives crashes, rebuilds of the warehouse and copies of the home folder.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import unified_diff
from typing import Any

import msgspec

from stripe_pipeline.activation.campaign import Campaign
from stripe_pipeline.activation.outbox import LAKE_PATIENCE_SECONDS
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.tables import entries
from stripe_pipeline.settings import Settings

TABLE = "campaign_versions"


@dataclass(frozen=True)
class Version:
    """A row of the log: a version of a campaign in a run, the first of it or of an audience.

    `files` has the texts that its messages are made of; `is_live`: sends were on.
    """

    campaign: str
    version: int
    digest: str
    audience: str
    is_live: bool
    files: Mapping[str, str]
    as_of: datetime
    recorded_at: datetime


def digest_of(campaign: Campaign) -> str:
    """Return a digest of all the files that a campaign's messages are made of."""
    return hashlib.sha256(_as_json(campaign.sources).encode()).hexdigest()


def recorded_versions(lake: Lake, campaign: str) -> list[Version]:
    """Return a campaign's rows of the log, oldest first."""
    return [
        Version(**row | {"files": msgspec.json.decode(row["files"])})
        for batch in lake.read(TABLE)
        for row in batch.to_pylist()
        if row["campaign"] == campaign
    ]


def record_version(settings: Settings, campaign: Campaign, as_of: datetime) -> int:
    """Record a campaign's version before its first run, and its audience's; return its number.

    Idempotent. The caller holds the exports' lock, so that no other run numbers it.

    Raises:
        PipelineError: another process holds the lake's lock for too long.
    """
    lake = Lake(settings.lake)
    known = recorded_versions(lake, campaign.name)
    version = next_version(known, campaign)
    row = _row(campaign, version, as_of, is_live=settings.live_sends)
    if not any(_says(one, row) for one in known):
        with lake.writing(LAKE_PATIENCE_SECONDS):
            lake.append(TABLE, entries(TABLE, [row]), cursor={})
    return version


def next_version(known: list[Version], campaign: Campaign) -> int:
    """Return the number of a campaign's version: the newest one's, or one more after an edit."""
    if not known:
        return 1
    return known[-1].version + (known[-1].digest != digest_of(campaign))


def first_runs(known: list[Version]) -> list[Version]:
    """Return the row of each version's first run, and of a later first one with sends on."""
    seen: set[tuple[int, bool]] = set()
    found = []
    for one in known:
        if (one.version, one.is_live) not in seen and (one.version, True) not in seen:
            found.append(one)
        seen.add((one.version, one.is_live))
    return found


def text_changes(old: Version, new: Version) -> list[str]:
    """Return the lines that differ between two versions' files, as a unified diff."""
    return [
        line
        for name in sorted({*old.files, *new.files})
        for line in unified_diff(
            old.files.get(name, "").splitlines(), new.files.get(name, "").splitlines(),
            f"{name} of version {old.version}", f"{name} of version {new.version}", lineterm="",
        )
    ]  # fmt: skip


def _row(campaign: Campaign, version: int, as_of: datetime, *, is_live: bool) -> dict[str, Any]:
    return {
        "campaign": campaign.name,
        "version": version,
        "digest": digest_of(campaign),
        "audience": campaign.audience.name,
        "is_live": is_live,
        "files": _as_json(campaign.sources),
        "as_of": as_of.astimezone(UTC),
        "recorded_at": datetime.now(UTC),
    }


def _says(one: Version, row: Mapping[str, Any]) -> bool:
    """Return whether the log has a row's version, and the first run of its audience.

    One for a later instant than the row's isn't the first run: a clock was ahead.
    """
    names = ("version", "audience")
    is_same = all(getattr(one, name) == row[name] for name in names)
    return is_same and one.is_live >= row["is_live"] and one.as_of <= row["as_of"]


def _as_json(files: Mapping[str, str]) -> str:
    return msgspec.json.encode(dict(files), order="sorted").decode()
