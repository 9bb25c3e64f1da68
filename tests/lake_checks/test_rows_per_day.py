"""The plot counts objects, not their versions, by the day of their creation."""

import base64
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import duckdb

from stripe_pipeline.lake import Lake, object_table
from stripe_pipeline.orchestration.daily_plot import DAYS
from stripe_pipeline.orchestration.rows_per_day import objects_per_day, plot
from stripe_pipeline.values.objects import ObjectRow

UPTO = datetime(2026, 11, 22, 10, tzinfo=UTC)
DAY = 86_400
MIDNIGHT = int(datetime(2026, 11, 22, tzinfo=UTC).timestamp())


def row(number: int, created: int | None) -> ObjectRow:
    return ObjectRow(f"ch_{number}", "charge", created, False, False, None, "v", UPTO, b"{}")


def counts(lake: Lake) -> list[int]:
    with duckdb.connect() as connection:
        return objects_per_day(connection, lake, "charges", UPTO)


def test_objects_are_counted_once_on_their_day(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    assert counts(lake) == [0] * DAYS
    times = [MIDNIGHT, MIDNIGHT - 1, MIDNIGHT - 2, MIDNIGHT - 89 * DAY, MIDNIGHT - 89 * DAY - 1]
    lake.append("charges", object_table([row(n, each) for n, each in enumerate(times)]), {})
    lake.append("charges", object_table([row(0, MIDNIGHT), row(9, None)]), {})
    assert counts(lake) == [1, *([0] * 87), 2, 1]


def test_the_plot_is_a_small_image() -> None:
    markdown = plot([0, 4000, *range(88)], UPTO)
    image = base64.b64decode(markdown.rpartition("base64,")[2].removesuffix(")"))
    texts = [each.text for each in ElementTree.fromstring(image).iter() if each.text]
    assert {"4,000", "2026-08-25", "2026-11-22"} <= set(texts)
    assert len(markdown) < 4000


def test_a_quiet_resource_says_so() -> None:
    assert plot([0] * DAYS, UPTO) == "Nothing was created in the 90 days up to 2026-11-22."
