"""All segment files of a folder: read together, as they may name each other."""

from collections.abc import Collection, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import yaml

from stripe_pipeline.errors import UsageError
from stripe_pipeline.files.yaml_file import read_yaml
from stripe_pipeline.process.environment import PROJECT_ROOT
from stripe_pipeline.segments.definition import Segment
from stripe_pipeline.segments.fields import Catalogue
from stripe_pipeline.segments.reading import Reader
from stripe_pipeline.segments.yaml_tree import Slip
from stripe_pipeline.values.words import listed

FOLDER = PROJECT_ROOT / "segments"


def segment_names(folder: Path = FOLDER) -> list[str]:
    """Return the names of all segments, sorted: those of the files, right or wrong.

    Raises:
        UsageError: there is no such folder.
    """
    return sorted({path.stem for path in paths(folder)})


def disabled_segments(folder: Path = FOLDER) -> frozenset[str]:
    """Return the names of the segments that are disabled; a file that can't be read is none.

    Raises:
        UsageError: there is no such folder.
    """
    texts = {path: path.read_bytes() for path in paths(folder)}
    # Most files don't have the key, so that they needn't be parsed.
    return frozenset(
        path.stem for path, text in texts.items() if b"enabled" in text and _is_disabled(path)
    )


def _is_disabled(path: Path) -> bool:
    try:
        values = read_yaml(path)
    except (UnicodeDecodeError, yaml.YAMLError):  # load_segments tells what is wrong
        return False
    return isinstance(values, dict) and values.get("enabled") is False


def paths(folder: Path) -> list[Path]:
    """Return the segment files of a folder, by name.

    Raises:
        UsageError: there is no such folder.
    """
    if not folder.is_dir():
        raise UsageError(
            f"There is no segment folder {folder}; create it, or name another in "
            "STRIPE_PIPELINE_SEGMENTS."
        )
    return sorted(folder.glob("*.yml"))


def load_segments(folder: Path = FOLDER, metadata: Collection[str] = ()) -> list[Segment]:
    """Read every segment file, by name; `metadata` are columns of profiles that a setting adds.

    Raises:
        UsageError: the folder isn't there, or files have slips: all of them are told.
    """
    found = paths(folder)
    catalogue = Catalogue(frozenset(metadata))
    names = {path.stem for path in found}
    slips = [
        Slip(path, 1, "a segment file's name ends in .yml; rename it.")
        for path in sorted(folder.glob("*.yaml"))
    ]
    segments: dict[str, Segment] = {}
    for path in found:
        reader = Reader(path, names, catalogue)
        segment = reader.read()
        slips += sorted(dict.fromkeys(reader.slips), key=lambda slip: slip.line)
        if segment:
            segments[segment.name] = segment
    slips = slips or _circles(segments)
    if slips:
        raise _refusal(slips)
    return list(segments.values())


def _circles(segments: Mapping[str, Segment]) -> list[Slip]:
    sorter = TopologicalSorter({name: each.segments for name, each in segments.items()})
    try:
        sorter.prepare()
    except CycleError as error:
        circle = list(reversed(error.args[1]))
        said = f"{' is made of '.join(circle)}: none can be computed first; take one of them out."
        return [Slip(segments[circle[0]].path, 1, said)]
    return []


def _refusal(slips: list[Slip]) -> UsageError:
    told = [f"Segment file {slip}" for slip in slips]
    if len(told) == 1:
        return UsageError(told[0])
    return UsageError(f"{len(told):,} things in segment files are to be corrected:{listed(told)}")
