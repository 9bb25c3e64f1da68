"""The repository holds sources alone."""

import subprocess
from pathlib import Path

PROJECT = Path(__file__).parents[1]
SOURCES = {
    ".py",
    ".sql",
    ".md",
    ".yml",
    ".yaml",
    ".csv",
    ".json",
    ".toml",
    ".lock",
    ".html",
    ".txt",
}
SOURCES |= {".cjs", ".png", ".example"}


def test_no_file_that_a_run_left_is_tracked() -> None:
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    tracked = [Path(name) for name in listed.split("\0") if name]
    assert tracked
    assert [path for path in tracked if path.suffix and path.suffix not in SOURCES] == []
