"""The names that a campaign may use, read from the dbt project, where they are defined."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

import yaml

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.process.environment import PROJECT_ROOT

MODELS = PROJECT_ROOT / "dbt_project" / "models"
PROFILES = Path("marts", "profiles", "_profiles__models.yml")
PROJECT = Path("dbt_project.yml")

# Marts about all segments, beside the one model that each segment has.
_NOT_A_SEGMENT = {"candidates", "members", "history"}


@dataclass(frozen=True)
class Contract:
    """The names for campaigns: columns of a profile with their SQL types, and keys of segments."""

    profile_types: Mapping[str, str]
    segments: frozenset[str]

    @property
    def profile_fields(self) -> frozenset[str]:
        """The columns of a profile."""
        return frozenset(self.profile_types)

    def with_fields(self, names: Collection[str]) -> "Contract":
        """Return this contract with further text columns of a profile, which a setting asks for."""
        return replace(
            self, profile_types={**self.profile_types, **dict.fromkeys(names, "varchar")}
        )


def load_contract(models: Path = MODELS) -> Contract:
    """Read the columns of `customer_profiles` and the segments' keys from the dbt models.

    Raises:
        PipelineError: the dbt project doesn't describe `customer_profiles`, or a segment has a
            model and isn't in the list, or the other way round.
    """
    return Contract(_profile_types(models / PROFILES), _segments(models))


def near_miss(name: str, known: Collection[str]) -> str:
    """Return the known name that was probably meant, as the end of a sentence, or ""."""
    close = get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else "."


def _profile_types(path: Path) -> Mapping[str, str]:
    try:
        declared = yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
        model = next(model for model in declared if model["name"] == "customer_profiles")
        return {column["name"]: column["data_type"] for column in model["columns"]}
    except (OSError, yaml.YAMLError, KeyError, TypeError, StopIteration):
        raise PipelineError(
            f"The columns of customer_profiles can't be read from {path}; restore that file, as "
            "campaigns are checked against it."
        ) from None


def _segments(models: Path) -> frozenset[str]:
    """Return the segments of the dbt project's list; each must have its model, and vice versa."""
    project = models.parent / PROJECT
    listed = _listed_segments(project)
    files = {path.stem.removeprefix("segment_"): path for path in models.rglob("segment_*.sql")}
    for key in sorted(files.keys() - listed - _NOT_A_SEGMENT):
        raise PipelineError(
            f"The segment model {files[key]} would be empty without a word, as vars.segments of "
            f"{project} doesn't list it; add {key} there, or take the file away."
        )
    for key in sorted(listed - files.keys()):
        raise PipelineError(
            f"{project} lists the segment {key} in vars.segments, and below {models} is no "
            f"segment_{key}.sql; add the model, or take it off the list."
        )
    return frozenset(listed)


def _listed_segments(project: Path) -> set[str]:
    try:
        listed = yaml.safe_load(project.read_text(encoding="utf-8"))["vars"]["segments"]
        return {str(key) for key in listed}
    except (OSError, yaml.YAMLError, KeyError, TypeError):
        raise PipelineError(
            f"The list vars.segments can't be read from {project}; restore that file, as campaigns "
            "are checked against it."
        ) from None
