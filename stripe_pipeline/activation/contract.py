"""The names that a campaign may use, read from where they are defined."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path

import yaml

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.files.yaml_file import read_yaml
from stripe_pipeline.process.environment import PROJECT_ROOT
from stripe_pipeline.segments.files import FOLDER, disabled_segments, segment_names

MODELS = PROJECT_ROOT / "dbt_project" / "models"
PROFILES = Path("marts", "profiles", "_profiles__models.yml")


@dataclass(frozen=True)
class Contract:
    """The names for campaigns: columns of a profile with their SQL types, and keys of segments.

    `account` is what the campaign folder's account.yml says; `segment_folder` has the lists. Those
    of the segments that are `disabled` have no members.
    """

    profile_types: Mapping[str, str]
    segments: frozenset[str]
    account: Mapping[str, str] = field(default_factory=dict)
    segment_folder: Path = FOLDER
    disabled: frozenset[str] = frozenset()

    @property
    def profile_fields(self) -> frozenset[str]:
        """The columns of a profile."""
        return frozenset(self.profile_types)

    def with_fields(self, names: Collection[str]) -> "Contract":
        """Return this contract with further text columns of a profile, which a setting asks for."""
        return replace(
            self, profile_types={**self.profile_types, **dict.fromkeys(names, "varchar")}
        )


def load_contract(segments: Path = FOLDER, models: Path = MODELS) -> Contract:
    """Read the columns of `customer_profiles` from dbt's models, the segments from their files.

    Raises:
        UsageError: there is no folder of segments.
        PipelineError: the dbt project doesn't describe `customer_profiles`.
    """
    return Contract(
        _profile_types(models / PROFILES),
        frozenset(segment_names(segments)),
        segment_folder=segments,
        disabled=disabled_segments(segments),
    )


def wrong_condition(name: str, contract: Contract) -> str:
    """Return what is wrong with a segment whose members get no message; "" for nothing."""
    if name not in contract.segments:
        return f"there is no segment {name}{near_miss(name, contract.segments)}"
    if name in contract.disabled:
        return (
            f"the segment {name} is disabled, so it would keep no one from the message; enable it "
            "in its file, or name another."
        )
    return ""


def near_miss(name: str, known: Collection[str]) -> str:
    """Return the known name that was probably meant, as the end of a sentence, or ""."""
    close = get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else "."


def _profile_types(path: Path) -> Mapping[str, str]:
    try:
        declared = read_yaml(path)["models"]
        model = next(model for model in declared if model["name"] == "customer_profiles")
        return {column["name"]: column["data_type"] for column in model["columns"]}
    except (OSError, yaml.YAMLError, KeyError, TypeError, StopIteration):
        raise PipelineError(
            f"The columns of customer_profiles can't be read from {path}; restore that file, as "
            "campaigns are checked against it."
        ) from None
