"""The result of a check of one resource."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Verdict:
    """Whether a check passed, a sentence, and the numbers behind it; never personal data."""

    passed: bool
    sentence: str
    numbers: Mapping[str, Any] = field(default_factory=dict)
