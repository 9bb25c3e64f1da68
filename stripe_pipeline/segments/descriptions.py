"""What dbt is told of the segments' models: descriptions, owners, tests."""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from stripe_pipeline.segments.definition import Segment
from stripe_pipeline.segments.unit_tests import unit_tests

_ID = {"name": "stripe_customer_id", "data_type": "varchar"}
_WHY = {"name": "why", "description": "The values that decided, as JSON.", "data_type": "varchar"}
INTERMEDIATES = [
    {
        "name": "int_segments",
        "description": "One row per segment file; a disabled segment keeps its history as it is.",
        "data_tests": [{"unique_combination": {"arguments": {"columns": ["segment"]}}}],
        "columns": [
            {"name": "segment", "description": "The segment's key."},
            {"name": "is_enabled", "description": "Whether its members are computed."},
        ],
    },
    {
        "name": "int_segment_fields",
        "description": "One row per segment and field of a profile that its rule names.",
        "data_tests": [{"unique_combination": {"arguments": {"columns": ["segment", "field"]}}}],
        "columns": [
            {"name": "segment", "description": "The segment's key."},
            {"name": "field", "description": "The field of customer_profiles."},
            {"name": "is_ranked", "description": "Whether it compares customers with each other."},
        ],
    },
]
_CANDIDATES = {
    "name": "segment_candidates",
    "description": (
        "One row per segment and customer who satisfies its rule at the as-of instant, decided or "
        "not: whose membership an exchange rate decides is in undecided_members, and "
        "segment_members says who is in."
    ),
    "data_tests": [
        {"unique_combination": {"arguments": {"columns": ["segment", "stripe_customer_id"]}}}
    ],
    "columns": [
        {"name": "segment", "description": "The segment's key.", "data_type": "varchar",
         "constraints": [{"type": "not_null"}]},
        {**_ID, "description": "The customer.", "constraints": [{"type": "not_null"}]},
        _WHY,
    ],
}  # fmt: skip


def marts_yml(
    segments: Sequence[Segment], fields: Mapping[str, list[str]], texts: Mapping[str, str]
) -> str:
    """Return the descriptions and tests of the segments' marts."""
    models = [_described(each, fields[each.name]) for each in segments]
    tests = [test for each in segments for test in unit_tests(each, texts[each.name])]
    return yml([*models, _CANDIDATES], tests)


def yml(models: list[dict[str, Any]], tests: Sequence[dict[str, Any]] = ()) -> str:
    """Return a file of descriptions for dbt."""
    content: dict[str, Any] = {"version": 2, "models": models}
    if tests:
        content["unit_tests"] = list(tests)
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)


def _described(segment: Segment, fields: list[str]) -> dict[str, Any]:
    meta: dict[str, Any] = {"fields": fields, "file": segment.path.name}
    if segment.owner:
        meta |= {"owner": segment.owner, "dagster": {"owners": [_dagster_owner(segment.owner)]}}
    paused = "" if segment.is_enabled else " Disabled: its members aren't computed."
    return {
        "name": f"segment_{segment.name}",
        # Jinja would render it.
        "description": f"{segment.meaning}{paused}".replace("{", "(").replace("}", ")"),
        "config": {"meta": meta},
        "data_tests": [{"grain": {"arguments": {"columns": ["stripe_customer_id"]}}}],
        "columns": [{**_ID, "description": "A member's id in Stripe."}, _WHY],
    }


def _dagster_owner(owner: str) -> str:
    """Return an owner as Dagster takes one: an address, or a team."""
    plain = "".join(sign if sign.isalnum() or sign in "_-" else "_" for sign in owner)
    return owner if "@" in owner else f"team:{plain}"
