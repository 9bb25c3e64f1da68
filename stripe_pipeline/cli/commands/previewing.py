"""Show who would be in which segment, and get what, at an instant."""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from stripe_pipeline.activation.preview import NOT_LIVE, CampaignPreview, Preview, preview
from stripe_pipeline.errors import UsageError
from stripe_pipeline.home import Home
from stripe_pipeline.settings.clock import in_words
from stripe_pipeline.settings.parsing import read_instant
from stripe_pipeline.terminal.progress import progress
from stripe_pipeline.terminal.stopping import ended_by_sigterm
from stripe_pipeline.values.words import agreeing, counted
from stripe_pipeline.warehouse.readers import from_json, to_json
from stripe_pipeline.warehouse.scratch import require_synced
from stripe_pipeline.warehouse.transform import make_folder

# More would scroll the figures away; --json has all.
SHOWN = 50
_WIDTH_ELSEWHERE = 100
_NUMBERS = ("members", "messages", "now", "enter", "leave")


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


def since_of(on: str | None, home: Home) -> datetime | None:
    """Return the first instant (UTC) of the day that is asked about; None where it is no day."""
    day = _day(on) if on else None
    return datetime.combine(day, time(), home.settings.zone).astimezone(UTC) if day else None


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
        found = preview(settings, as_of, campaign, since_of(on, home))
    if as_json:
        answer = _answer(found, home.now(), in_full=campaign is not None)
        sys.stdout.write(to_json(answer) + "\n")
    else:
        _print(found, home.now(), in_full=campaign is not None)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text.strip())
        read_instant(text)
    except ValueError:
        return None
    return day


def no_message_before(until: datetime) -> str:
    """Return why a run as of an instant before the newest recorded move writes no message."""
    return (
        f"No message: moves are recorded up to {in_words(until)}, and a run for an earlier instant "
        "exports nothing."
    )


def assumptions(found: Preview, now: datetime) -> Iterator[str]:
    """Yield what an answer about a later instant takes for granted."""
    if found.as_of <= now:
        return
    yield (
        "Assumed: nothing else happens until then. No order, payment, refund, sign-up, opt-in or "
        "opt-out beyond what the last sync read; a subscription keeps its status, so no trial "
        "converts and no renewal is paid; totals keep the newest exchange rates."
    )
    yield (
        "Assumed: no run before it. What a run between now and then would send is due here, too, "
        "as long as its person is still in the segment."
    )


def _answer(found: Preview, now: datetime, *, in_full: bool) -> dict[str, Any]:
    return {
        **asdict(found),
        "assumed": list(assumptions(found, now)),
        "campaigns": [_campaign(one, in_full) for one in found.campaigns],
    }


def _campaign(found: CampaignPreview, in_full: bool) -> dict[str, Any]:
    told = {
        "campaign": found.campaign,
        "campaign_status": found.campaign_status,
        "channel": found.channel,
        "segment": found.segment,
        "due": found.due,
        "appearing": found.appearing,
        "counts": found.counts,
        "funnel": found.funnel,
    }
    return {**told, "audience": found.audience, "example": found.example} if in_full else told


def _print(found: Preview, now: datetime, *, in_full: bool) -> None:
    is_terminal = sys.stdout.isatty()
    console = Console(width=None if is_terminal else _WIDTH_ELSEWHERE, highlight=False)
    console.print(
        f"As of {in_words(found.as_of)}, with what the lake has now. Nothing of this is recorded, "
        "published or sent.",
        soft_wrap=True,
    )
    for line in assumptions(found, now):
        console.print(line, soft_wrap=True)
    _print_segments(console, found)
    if found.history_until:
        console.print(no_message_before(found.history_until), soft_wrap=True)
        return
    rows = [
        {"campaign": one.campaign, "channel": one.channel, "segment": one.segment, **row}
        for one in found.campaigns
        for row in one.counts or [{"status": "", "reason": "", "messages": 0}]
    ]
    columns = ("campaign", "channel", "segment", "status", "reason", "messages")
    console.print(_table("Messages", rows, columns))
    for line in (*_funnels(found), _what_due_means(found), *_about_campaigns(found)):
        console.print(escape(line), soft_wrap=True)
    for one in found.campaigns if in_full else []:
        _print_audience(console, one)


def _print_segments(console: Console, found: Preview) -> None:
    if found.compared_with is None:
        console.print(_table("Segments", found.segments, ("segment", "members")))
        return
    columns = ("segment", "members", "now", "enter", "leave")
    console.print(_table("Segments", found.segments, columns))
    console.print(
        f"`now`, `enter` and `leave` compare with the last run, as of "
        f"{in_words(found.compared_with)}; --json names each customer.",
        soft_wrap=True,
    )


def _funnels(found: Preview) -> Iterator[str]:
    """Yield each live campaign's way from the segment's members to the messages that are due."""
    for one in found.campaigns:
        if one.campaign_status == "live":
            steps = (f"{row['left']:,} {row['step'].replace('_', ' ')}" for row in one.funnel)
            yield f"{one.campaign}: {' > '.join(steps)}"


def _about_campaigns(found: Preview) -> Iterator[str]:
    for one in found.campaigns:
        if one.campaign_status != "live":
            yield (
                f"{one.campaign} is {one.campaign_status}, so runs write no message of it; "
                f"`{NOT_LIVE}` would be due once it says `status: live`."
            )
        if one.appearing:
            yield (
                f"{one.campaign}: {counted(one.appearing, 'message')} of an interrupted export "
                f"{agreeing(one.appearing, 'appears', 'appear')} first, beside what is due."
            )


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
        head = found.example.get("subject") or found.example.get("title")
        body = found.example["body"]
        text = escape(f"{head}\n\n{body}" if head else body)
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
        is_number = column in _NUMBERS
        table.add_column(column, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row[column]) for column in columns))
    return table


def _cell(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else escape(str(value or ""))
