"""A plot of a number per day, for Dagster's pages.

The image is an SVG of a kilobyte, built here: a plotting library would take longer than a whole
hourly sync, and each materialization stores its own image.
"""

import base64
from collections.abc import Sequence
from datetime import date, timedelta

DAYS = 90
_STEP, _HEIGHT, _LEFT, _TOP = 8, 120, 44, 26
_WIDTH = _LEFT + DAYS * _STEP + 12


def draw(counts: Sequence[int], last: date, title: str, alternative: str) -> str:
    """Draw the numbers of the 90 days up to `last` as bars; returns Markdown with the image in it.

    `alternative` is the text in place of the image.
    """
    encoded = base64.b64encode(_svg(counts, last, title).encode()).decode()
    return f"![{alternative}](data:image/svg+xml;base64,{encoded})"


def first_day(last: date) -> date:
    """Return the first of the 90 days that end with `last`."""
    return last - timedelta(days=DAYS - 1)


def _svg(counts: Sequence[int], last: date, title: str) -> str:
    """Draw one stroke a day, in one path; on white, so that it is readable on a dark page too."""
    most, bottom = max(counts), _TOP + _HEIGHT
    strokes = "".join(
        f"M{_LEFT + place * _STEP + _STEP // 2} {bottom}v-{max(1, round(_HEIGHT * count / most))}"
        for place, count in enumerate(counts)
        if count
    )
    right = _LEFT + DAYS * _STEP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{bottom + 24}" '
        'font-family="sans-serif" font-size="11" fill="#444">'
        '<rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="{_LEFT}" y="15">{title}</text>'
        f'<path d="{strokes}" stroke="#4f46e5" stroke-width="{_STEP - 2}"/>'
        f'<path d="M{_LEFT} {_TOP}V{bottom}H{right}" stroke="#999" fill="none"/>'
        f'<g text-anchor="end"><text x="{_LEFT - 4}" y="{_TOP + 8}">{most:,}</text>'
        f'<text x="{_LEFT - 4}" y="{bottom}">0</text>'
        f'<text x="{right}" y="{bottom + 16}">{last}</text></g>'
        f'<text x="{_LEFT}" y="{bottom + 16}">{first_day(last)}</text></svg>'
    )
