"""Print a summary as tables, as wide as the terminal, elsewhere 100 columns."""

import sys
from collections import Counter
from collections.abc import Iterable
from typing import Any, TextIO

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from stripe_pipeline.activation.reasons import REASONS
from stripe_pipeline.settings import Settings
from stripe_pipeline.terminal.summary import Summary, summarize
from stripe_pipeline.terminal.summary_words import sentences
from stripe_pipeline.warehouse.readers import Row, as_text

_WIDTH_ELSEWHERE = 100
_TITLES = {"email": "An email", "sms": "A text message", "push": "A push message"}


def print_summary(settings: Settings, file: TextIO | None = None) -> Summary:
    """Print the summary of a home folder, and return it.

    Raises:
        PipelineError: nothing is published yet.
    """
    summary = summarize(settings)
    out = file or sys.stdout
    console = Console(file=out, width=None if out.isatty() else _WIDTH_ELSEWHERE, highlight=False)
    console.print()
    for sentence in sentences(summary, settings.reporting_currency):
        console.print(sentence, markup=False, soft_wrap=True)
    console.print(_sales(summary))
    console.print(_table("Segments", summary.segments, ("segment", "members")))
    console.print(_table("Points", summary.points, ("movement", "entries", "points")))
    console.print(_table("Messages", summary.campaigns, _MESSAGE_COLUMNS))
    for sentence in _sends(settings, summary.campaigns):
        console.print(sentence)
    for channel, message in summary.examples.items():
        console.print(_example(channel, message))
    _print_files(console, settings, summary)
    return summary


_MESSAGE_COLUMNS = ("campaign", "channel", "segment", "status", "reason", "messages")
_SALES_COLUMNS = ("currency", "orders", "collected", "refunded", "disputed", "net")


def _sends(settings: Settings, campaigns: Iterable[Row]) -> list[str]:
    """Return why messages weren't sent: the switch, and the reasons of those that are held."""
    said = []
    if not settings.live_sends:
        said.append(
            "Nothing is sent: messages are only rehearsed, as STRIPE_PIPELINE_LIVE_SENDS isn't on."
        )
    held: Counter[str] = Counter()
    for row in campaigns:
        if row["status"] in ("held", "skipped"):
            held[f"{row['reason']} ({REASONS.get(row['reason'], 'unknown')})"] += row["messages"]
    said += [f"Not sent: {count:,} {reason}" for reason, count in sorted(held.items())]
    return said


def _sales(summary: Summary) -> Table | str:
    return _table("Sales by currency", summary.sales, _SALES_COLUMNS)


def _table(title: str, rows: Iterable[Row], columns: tuple[str, ...]) -> Table | str:
    """Return rows as a table, or a line that there are none."""
    table = Table(title=title, title_justify="left")
    shown = list(rows)
    if not shown:
        return f"{title}: none yet"
    for column in columns:
        is_number = not isinstance(shown[0][column], str)
        table.add_column(column, justify="right" if is_number else "left")
    for row in shown:
        table.add_row(*(_cell(row[column], row.get("currency", "")) for column in columns))
    return table


def _cell(value: Any, currency: str) -> str:
    """Return a cell's text with brackets escaped, so that rich prints it as it is."""
    if value is None:
        return "unknown"
    return f"{value:,}" if isinstance(value, int) else escape(as_text(value, currency))


def _example(channel: str, message: dict[str, Any]) -> Panel:
    head = message.get("subject") or message.get("title")
    title = f"{_TITLES[channel]} of {message['campaign']}"
    text = f"{head}\n\n{message['body']}" if head else message["body"]
    return Panel(escape(text), title=title, title_align="left")


def _print_files(console: Console, settings: Settings, summary: Summary) -> None:
    console.print("Files", style="bold")
    for path in (settings.warehouse, settings.published, settings.lake, *summary.export_folders):
        console.print(f"  {path}", soft_wrap=True, markup=False)
