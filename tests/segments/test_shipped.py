"""Each shipped segment has its examples in, and out, by the query that is made of its file."""

from datetime import datetime

import pytest

from stripe_pipeline.segments.definition import Segment
from stripe_pipeline.segments.fields import FACTS
from stripe_pipeline.segments.files import FOLDER, load_segments

from .tables import Tables

SEGMENTS = load_segments(FOLDER)
MARTS = sorted({fact.mart for fact in FACTS.values()})


def _clock(segment: Segment) -> Tables:
    day, *rest = (segment.examples_as_of or "2026-01-01").split(" ")
    time = rest[0] if rest else "00:00"
    zone = rest[1] if len(rest) > 1 else "UTC"
    return Tables(datetime.fromisoformat(f"{day} {time}"), zone)


@pytest.mark.parametrize("segment", SEGMENTS, ids=lambda segment: str(segment.name))
def test_the_examples_of_a_shipped_segment(segment: Segment) -> None:
    tables = _clock(segment)
    named = {f"cus_{number}": example for number, example in enumerate(segment.examples)}
    profiles = [{"stripe_customer_id": key, **each.profile} for key, each in named.items()]
    tables.fill("customer_profiles", profiles)
    tables.fill("unrated_fields", [])
    for mart in MARTS:
        rows = [(key, row) for key, each in named.items() for row in each.facts.get(mart, [])]
        tables.fill(mart, [{"stripe_customer_id": key, **row} for key, row in rows])
    found = tables.members(FOLDER, segment.name)[segment.name]
    assert set(found) == {key for key, example in named.items() if example.is_in}
