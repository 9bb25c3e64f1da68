"""The examples of a segment file as a unit test of dbt."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from stripe_pipeline.segments.definition import Example, Segment
from stripe_pipeline.segments.fields import FACTS

FACT_MARTS = sorted({fact.mart for fact in FACTS.values()})


def unit_tests(segment: Segment, text: str) -> Iterator[dict[str, Any]]:
    """Yield the unit test of a segment that has examples; `text` is its model."""
    if not segment.examples:
        return
    named = [(f"{'in' if each.is_in else 'out'}_{number}", each)
             for number, each in enumerate(segment.examples, 1)]  # fmt: skip
    readable = {fact.counted_in: 0 for fact in FACTS.values()
                if fact.counted_in and f"ref('{fact.mart}')" in text}  # fmt: skip
    profiles = [{"stripe_customer_id": key, **readable, **each.profile} for key, each in named]
    given = [{"input": "ref('customer_profiles')", "rows": profiles}]
    if "ref('run_clock')" in text:
        given.append({"input": "ref('run_clock')", "rows": [_clock_row(segment)]})
    if "ref('unrated_fields')" in text:
        given.append({"input": "ref('unrated_fields')", "rows": []})
    for mart in FACT_MARTS:
        if f"ref('{mart}')" not in text:
            continue
        rows = [
            {"stripe_customer_id": key, **row} for key, each in named for row in _of(each, mart)
        ]
        given.append({"input": f"ref('{mart}')", "rows": rows})
    # The conditions of other segments stand in the model itself; dbt wants an input for each name.
    given += [{"input": f"ref('segment_{name}')", "rows": []} for name in sorted(segment.segments)]
    yield {
        "name": f"examples_of_{segment.name}",
        "model": f"segment_{segment.name}",
        "given": given,
        "expect": {"rows": [{"stripe_customer_id": key} for key, each in named if each.is_in]},
    }


def _of(example: Example, mart: str) -> list[dict[str, Any]]:
    return example.facts.get(mart, [])


def _clock_row(segment: Segment) -> dict[str, Any]:
    text = segment.examples_as_of or "2026-01-01"
    day, _, rest = text.partition(" ")
    time, _, zone = rest.partition(" ") if rest[:1].isdigit() else ("00:00", "", rest)
    local = datetime.fromisoformat(f"{day} {time or '00:00'}")
    as_of = local.replace(tzinfo=ZoneInfo(zone or "UTC")).astimezone(UTC)
    return {
        "as_of": f"{as_of:%Y-%m-%d %H:%M:%S}",
        "as_of_local": f"{local:%Y-%m-%d %H:%M:%S}",
        "reporting_timezone": zone or "UTC",
    }
