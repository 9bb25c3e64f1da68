"""Every file and folder that CONTRIBUTING.md names is where it says."""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
TEXT = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
FILE = re.compile(r"[\w./-]+\.(?:py|sql|md|yml|csv|toml|lock)|[\w./-]+/")


def _lines_with_files() -> list[tuple[str, list[str]]]:
    """Each line, with the paths that it names as code."""
    lines = [(line, re.findall(r"`([^`]+)`", line)) for line in TEXT.splitlines()]
    return [(line, [name for name in names if FILE.fullmatch(name)]) for line, names in lines]


def _exists(name: str, folders: list[Path]) -> bool:
    """Whether the file is in one of the folders; a path that ends with / has to be a folder."""
    found = [folder / name for folder in folders if (folder / name).exists()]
    return any(path.is_dir() or not name.endswith("/") for path in found)


@pytest.mark.parametrize(("line", "names"), [each for each in _lines_with_files() if each[1]])
def test_what_a_line_names_is_there(line: str, names: list[str]) -> None:
    """A short name beside a whole path lies in the same folder as that."""
    beside = [(PROJECT / names[0]).parent]
    missing = [
        name for name in names if not _exists(name, [PROJECT, PROJECT / "stripe_pipeline", *beside])
    ]
    assert missing == [], line


def test_the_walk_is_found() -> None:
    steps = re.findall(r"^\| (\d+) \| `([^`]+)` \|", TEXT, re.M)
    assert [int(number) for number, _ in steps] == list(range(1, len(steps) + 1))
    assert steps[0][1].endswith("catalog.py") and steps[-1][1].endswith("export.py")


def test_a_name_that_is_nowhere_is_found() -> None:
    assert not _exists("stripe_pipeline/retry.py", [PROJECT])
    assert not _exists("CONTRIBUTING.md/", [PROJECT])
