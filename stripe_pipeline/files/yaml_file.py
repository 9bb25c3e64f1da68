"""Read YAML."""

from pathlib import Path
from typing import Any

import yaml


def read_yaml(path: Path) -> Any:
    """Return what a file in YAML says.

    libyaml parses it: PyYAML's own parser takes some ten times as long.

    Raises:
        OSError: the file can't be read.
        yaml.YAMLError: it isn't YAML.
    """
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
