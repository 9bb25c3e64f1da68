"""Show who would be in which segment, and get what, at an instant."""

import sys
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from stripe_pipeline.activation.preview import CampaignPreview, Preview, preview
from stripe_pipeline.cli.terminal.progress import progress
from stripe_pipeline.cli.terminal.stopping import ended_by_sigterm
from stripe_pipeline.errors import UsageError
from stripe_pipeline.home import Home
from stripe_pipeline.settings.clock import in_words
from stripe_pipeline.settings.parsing import read_instant
from stripe_pipeline.warehouse.readers import from_json, to_json
from stripe_pipeline.warehouse.scratch import require_synced
from stripe_pipeline.warehouse.transform import make_folder

# More would scroll the figures away; --json has all.
SHOWN = 50
_WIDTH_ELSEWHERE = 100


def instant_of(on: str | None, home: Home) -> datetime:
    """Return the instant that is asked about, in UTC.

    A day is its last second in the reporting time zone, so that everyone who enters on it is in;
    without any, it is now.

    Raises:
        UsageError: it is neither a day nor an instant.
    """
    if on is None:
        return home.now()
    day = _day(on)
    if day is not None:
        midnight = datetime.combine(day + timedelta(days=1), time(), home.settings.zone)
        return midnight.astimezone(UTC) - timedelta(seconds=1)
    try:
        return read_instant(on)
    except ValueError as error:
        raise UsageError(f"--on can't be used: {error}.") from None


def preview_in_terminal(home: Home, on: str | None, campaign: str | None, *, as_json: bool) -> None:
    """Compute the preview with progress on stderr, and print it or its JSON on stdout.

    Raises:
        UsageError: the instant or the campaign is wrong.
        PipelineError: nothing was synced yet, or the tables can't be computed.
    """
    as_of, settings = instant_of(on, home), home.settings
    require_synced(settings)
    folder = make_folder(settings, settings.dagster_home)
    with ended_by_sigterm("preview"), progress(folder / "preview.log"):
        found = preview(settings, as_of, campaign)
    if as_json:
        sys.stdout.write(to_json(_answer(found, in_full=campaign is not None)) + "\n")
    else:
        _print(found, in_full=campaign is not None)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text.strip())
        read_instant(text)
    except ValueError:
        return None
    return day


def _answer(found: Preview, *, in_full: bool) -> dict[str, Any]:
    return {**asdict(found), "campaigns": [_campaign(one, in_full) for one in found.campaigns]}


def _campaign(found: CampaignPreview, in_full: bool) -> dict[str, Any]:
    told = {
        "campaign": found.campaign,
        "channel": found.channel,
        "segment": found.segment,
        "due": found.due,
        "counts": found.counts,
    }
    return {**told, "audience": found.audience, "example": found.example} if in_full else told


def _print(found: Preview, *, in_full: bool) -> None:
    is_terminal = sys.stdout.isatty()
    console = Console(width=None if is_terminal else _WIDTH_ELSEWHERE, highlight=False)
    console.print(
        f"As of {in_words(found.as_of)}, with what the lake has now. Nothing of this is recorded, "
        "published or sent.",
        soft_wrap=True,
    )
    console.print(_table("Segments", found.segments, ("segment", "members")))
    if found.history_until:
        console.print(
            f"No message: moves are recorded up to {in_words(found.history_until)}, and a run for "
            "an earlier instant exports nothing.",
            soft_wrap=True,
        )
        return
    rows = [
        {"campaign": one.campaign, "channel": one.channel, "segment": one.segment, **row}
        for one in found.campaigns
        for row in one.counts or [{"status": "", "reason": "", "messages": 0}]
    ]
    columns = ("campaign", "channel", "segment", "status", "reason", "messages")
    console.print(_table("Messages", rows, columns))
    console.print(_what_due_means(found), soft_wrap=True)
    for one in found.campaigns if in_full else []:
        _print_audience(console, one)


def _what_due_means(found: Preview) -> str:
    if found.is_live:
        return "`due` would be exported."
    return "`due` would be rehearsed, as STRIPE_PIPELINE_LIVE_SENDS isn't on."


def _print_audience(console: Console, found: CampaignPreview) -> None:
    rows = [{**row, "status": "due" if row["is_due"] else row["status"]} for row in found.audience]
    columns = ("stripe_customer_id", "status", "reason", "why")
    console.print(_table(f"Members of {found.segment}", rows, columns))
    if len(found.audience) > SHOWN:
        console.print(f"{len(found.audience) - SHOWN:,} more; --json has all of them.")
    if found.example:
        subject = f"{found.example['subject']}\n\n" if "subject" in found.example else ""
        text = escape(subject + found.example["body"])
        console.print(Panel(text, title="One of those messages", title_align="left"))


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    reasons = from_json(row["why"] or "{}").items()
    why = ", ".join(f"{name} {value}" for name, value in reasons)
    if row["is_due"]:
        return {**row, "status": "due", "reason": None, "why": why}
    return {**row, "why": why}


def _table(title: str, rows: list[dict[str, Any]], columns: tuple[str, ...]) -> Table:
    table = Table(title=title, title_justify="left")
    for column in columns:
        is_number = column in ("members", "messages")
        table.add_column(column, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row[column]) for column in columns))
    return table


def _cell(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else escape(str(value or ""))
