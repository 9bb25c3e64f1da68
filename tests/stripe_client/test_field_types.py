"""What dbt's staging reads as a number, a flag or a date is checked before it gets there."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from stripe_pipeline.process.environment import PROJECT_ROOT
from stripe_pipeline.stripe_client.lists.shapes import FLAG, MINOR, SHAPES, TIME

# A model may tell the macro more, after the shape.
WRITTEN_OUT = re.compile(
    r"parsed_versions\('(\w+)', '\w+', (\{.*?\n    \})(?:, \w+=\w+)?\)", re.DOTALL
)
STAGING = PROJECT_ROOT / "dbt_project" / "models" / "staging" / "stripe"


def _shapes() -> dict[str, dict[str, Any]]:
    """The shapes that staging models write out, by resource; others come from macros."""
    found = {}
    for path in sorted(STAGING.glob("stg_stripe__*.sql")):
        text = path.read_text()
        if match := WRITTEN_OUT.search(text):
            found[match[1]] = ast.literal_eval(match[2])
    return found


@pytest.mark.parametrize("resource", _shapes())
def test_every_number_and_flag_is_checked(resource: str) -> None:
    checked = SHAPES[resource]
    for name, kind in _shapes()[resource].items():
        if kind == "BIGINT" and name != "created":
            assert checked[name] in (MINOR, TIME), f"{resource}.{name}"
        if kind == "BOOLEAN":
            assert checked[name] is FLAG, f"{resource}.{name}"


def test_the_models_are_found() -> None:
    assert len(_shapes()) >= 8
    assert Path(STAGING / "stg_stripe__invoices.sql").exists()
