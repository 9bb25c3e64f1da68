"""What a check found about one resource."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Verdict:
    """Whether a check passed, in a sentence, and the numbers behind it; never anybody's data."""

    passed: bool
    sentence: str
    numbers: Mapping[str, Any] = field(default_factory=dict)
