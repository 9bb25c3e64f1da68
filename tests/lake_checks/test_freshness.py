"""Fresh is what is complete up to the instant that a run computes for."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from stripe_pipeline.lake import Lake, object_table
from stripe_pipeline.lake_checks.freshness import freshness_verdict, verified_at

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("verified", "as_of", "is_fresh"),
    [
        (NOW - HOUR, NOW, True),
        (NOW - 26 * HOUR, NOW, True),
        (NOW - 27 * HOUR, NOW, False),
        # A month ago, of which the lake knows all since last week.
        (NOW - 168 * HOUR, NOW - 720 * HOUR, True),
        (NOW - 168 * HOUR, NOW - 100 * HOUR, False),
        # Next month: no one can know more than there is now.
        (NOW - HOUR, NOW + 720 * HOUR, True),
        (NOW - 30 * HOUR, NOW + 720 * HOUR, False),
        (None, NOW, False),
    ],
)
def test_fresh(verified: datetime | None, as_of: datetime, is_fresh: bool) -> None:
    assert freshness_verdict(verified, as_of, NOW).passed is is_fresh


def test_the_lag_is_a_number() -> None:
    assert freshness_verdict(NOW - 2 * HOUR, NOW, NOW).numbers["lag_seconds"] == 7200


def test_verified_is_when_events_were_followed_or_a_pass_began(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    assert verified_at(lake, "charges") is None
    complete = {"started_at": 1_000, "events_from": 900, "is_complete": True}
    cursor = {"resource": "charges", "livemode": False, "pass": complete}
    lake.append("charges", object_table([]), cursor)
    assert verified_at(lake, "charges") == datetime.fromtimestamp(1_000, UTC)
    changes = {"since": 1, "recent": [], "listed_at": 2_000, "resources": ["charges"]}
    lake.append(
        "events", object_table([]), {"resource": "events", "livemode": False, "changes": changes}
    )
    assert verified_at(lake, "charges") == datetime.fromtimestamp(2_000, UTC)
    assert verified_at(lake, "refunds") is None


def test_a_pass_that_never_ended_verifies_nothing(tmp_path: Path) -> None:
    begun = {"started_at": 1_000, "events_from": 900}
    cursor = {"resource": "charges", "livemode": False, "pass": begun}
    Lake(tmp_path).append("charges", object_table([]), cursor)
    assert verified_at(Lake(tmp_path), "charges") is None
