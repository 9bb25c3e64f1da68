"""What the commands about campaigns print."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from stripe_pipeline.activation.campaign import Campaign
from stripe_pipeline.activation.campaigns import load_campaigns
from stripe_pipeline.activation.eligibility import marts_of
from stripe_pipeline.activation.preview import one_named
from stripe_pipeline.activation.previews.closely import CloseLook, Wanted, look_closely
from stripe_pipeline.activation.previews.funnel import GATES
from stripe_pipeline.activation.previews.inspecting import Inspection, inspect_email
from stripe_pipeline.activation.previews.message_files import MessageFiles, write_message
from stripe_pipeline.activation.previews.push_limits import push_remarks
from stripe_pipeline.activation.previews.sms_segments import segments_of
from stripe_pipeline.cli.commands.campaign_versions import version_columns
from stripe_pipeline.cli.commands.funnel_words import existing_words, step_words
from stripe_pipeline.cli.commands.previewing import instant_of, no_message_before, since_of
from stripe_pipeline.home import Home
from stripe_pipeline.settings import Settings
from stripe_pipeline.settings.clock import in_words
from stripe_pipeline.terminal.progress import progress
from stripe_pipeline.terminal.stopping import ended_by_sigterm
from stripe_pipeline.values.words import agreeing, counted
from stripe_pipeline.warehouse.readers import to_json
from stripe_pipeline.warehouse.scratch import computed_aside, require_synced
from stripe_pipeline.warehouse.transform import make_folder
from stripe_pipeline.warehouse.undisturbed import undisturbed

_WIDTH_ELSEWHERE = 100


def list_in_terminal(settings: Settings, *, as_json: bool) -> None:
    """Print every campaign, or their JSON."""
    rows = [
        {**_listed(campaign), **version_columns(settings, campaign)}
        for campaign in load_campaigns(settings)
    ]
    if as_json:
        sys.stdout.write(to_json(rows) + "\n")
        return
    if not rows:
        typer.echo(
            f"There is no campaign in {settings.campaigns}; `stripe-pipeline campaigns new NAME` "
            "begins one."
        )
        return
    days = ("first_run", "went_live")
    _console().print(_table("Campaigns", [_with_days(row, days) for row in rows]))


def preview_in_terminal(
    home: Home, name: str, on: str | None, wanted: Wanted, output: Path | None,
    *, as_json: bool,
) -> None:  # fmt: skip
    """Look at a campaign with progress on stderr, write its message, print what was seen.

    Raises:
        UsageError: there is no such campaign or customer, or a file is wrong.
        PipelineError: nothing was synced yet, or the tables can't be computed.
    """
    as_of, settings = instant_of(on, home), home.settings
    wanted = replace(wanted, since=since_of(on, home))
    campaign = one_named(load_campaigns(settings), name)
    require_synced(settings)
    folder = make_folder(settings, settings.dagster_home)
    with ended_by_sigterm("campaigns preview"), undisturbed(settings) as check:
        with (
            progress(folder / "preview.log"),
            computed_aside(settings, as_of, marts_of([campaign])) as aside,
        ):
            found = look_closely(settings, aside, campaign, as_of, wanted)
        message = found.message
        files = write_message(settings, campaign, message, output, check) if message else None
    if as_json:
        sys.stdout.write(to_json(_answer(found, files, wanted)) + "\n")
    else:
        _print(found, files, wanted)


def _listed(campaign: Campaign) -> dict[str, Any]:
    marked = [tag for tag in campaign.languages if tag]
    return {
        "campaign": campaign.name,
        "status": campaign.status,
        "segment": campaign.segment,
        "channel": campaign.channel,
        "languages": ", ".join([campaign.language or "not said", *marked]),
        "description": campaign.description,
    }


def _with_days(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Return a row for a table, in which instants are days; --json has them whole."""
    days = {name.replace("_", " "): f"{row[name]:%Y-%m-%d}" if row[name] else "" for name in names}
    kept = {name: value for name, value in row.items() if name not in (*names, "description")}
    return {**kept, **days, "description": row["description"]}


def _answer(found: CloseLook, files: MessageFiles | None, wanted: Wanted) -> dict[str, Any]:
    seen = _inspected(found)
    return {
        "campaign": found.campaign.name,
        "status": found.campaign.status,
        "as_of": found.as_of,
        "is_live": found.is_live,
        "due": len(found.due),
        "would_write": len(found.written),
        "history_until": found.history_until,
        "funnel": found.funnel.steps,
        "existing_members": found.campaign.audience.existing_members,
        "existing": found.funnel.existing,
        "went_live": found.funnel.went_live,
        "entrants": found.entrants,
        "customer": found.customer,
        "verdict": found.verdict,
        "tokens": found.totals.tokens(),
        "segments": dict(found.totals.segments),
        "cost": found.totals.cost(wanted.price),
        "message": found.message,
        "email": vars(seen) if seen else None,
        "files": files.files if files else [],
        "without_pictures": files.without_pictures if files else "",
    }


def _print(found: CloseLook, files: MessageFiles | None, wanted: Wanted) -> None:
    console = _console()
    console.print(
        f"As of {in_words(found.as_of)}, with what the lake has now. Nothing of this is recorded, "
        "published or sent.",
        soft_wrap=True,
    )
    for line in _why_nothing(found):
        console.print(line, soft_wrap=True)
    words = step_words(found.campaign)
    steps = [
        {
            "step": words[row["step"]], "left": row["left"], "lost": row["lost"],
            "such as": ", ".join(row["sample"]),
        }
        for row in found.funnel.steps
    ]  # fmt: skip
    start = "facts" if found.campaign.audience.trigger else "segment"
    console.print(_table(f"From the {start} to the message", steps))
    console.print(existing_words(found), soft_wrap=True)
    last = "Whose facts are the newest" if start == "facts" else "Who entered last"
    console.print(_table(last, [_verdict(row) for row in found.entrants]))
    if found.totals.seen:
        console.print(_table("Tokens, over all messages that are due", found.totals.tokens()))
    for line in _about_message(found, files, wanted):
        console.print(escape(line), soft_wrap=True)


def _why_nothing(found: CloseLook) -> Iterator[str]:
    """Yield why a run writes something else than what is due here."""
    if not found.campaign.is_live:
        yield (
            f"The campaign's status is {found.campaign.status}, so runs write no message of it; "
            "what is due here is due once it says `status: live`."
        )
    if found.history_until:
        yield no_message_before(found.history_until)
    if found.appearing:
        yield (
            f"{counted(len(found.appearing), 'message')} of an interrupted export "
            f"{agreeing(len(found.appearing), 'appears', 'appear')} in the next one; they aren't "
            "among those that are due."
        )


def _verdict(row: dict[str, Any]) -> dict[str, Any]:
    """Return a person's gates in words; --json has each by its name."""
    stopped = [gate.replace("_", " ") for gate in GATES if not row[gate]]
    outcome = "due" if row["is_due"] else " ".join(filter(None, (row["status"], row["reason"])))
    return {
        "customer": row["stripe_customer_id"],
        "entered": f"{row['entered_at']:%Y-%m-%d}",
        "gates passed": f"{len(GATES) - len(stopped)} of {len(GATES)}",
        "not passed": ", ".join(stopped),
        "so": outcome,
    }


def _about_message(found: CloseLook, files: MessageFiles | None, wanted: Wanted) -> list[str]:
    if found.customer is None:
        if found.campaign.audience.trigger:
            return [f"There is no fact ({found.campaign.segment}), so no message to show."]
        return [f"No one is in {found.campaign.segment}, so there is no message to show."]
    if found.message is None or files is None:
        return [f"The message can't be filled in for {found.customer}: template_failed."]
    lines = [f"The message to {found.customer}, {_standing(found)}, in {files.folder}:"]
    lines += [f"  {path.name}" for path in files.files]
    if files.without_pictures:
        lines.append(f"Without pictures: {files.without_pictures}.")
    seen = _inspected(found)
    if found.campaign.channel == "push":
        return lines + list(push_remarks(found.message))
    return lines + (_of_email(seen) if seen else _of_sms(found, wanted))


def _standing(found: CloseLook) -> str:
    if found.verdict is None:
        if found.campaign.audience.trigger:
            return f"who has no fact ({found.campaign.segment})"
        return f"who isn't in {found.campaign.segment}"
    return "which is due" if found.verdict["is_due"] else "which isn't due"


def _inspected(found: CloseLook) -> Inspection | None:
    if found.message is None or found.campaign.channel != "email":
        return None
    is_html = found.campaign.body_format == "html"
    return inspect_email(found.message["body"], found.message.get("text", ""), is_html=is_html)


def _of_email(seen: Inspection) -> list[str]:
    clipped = "; Gmail cuts it off" if seen.is_clipped else ""
    lines = [f"Size: {seen.size:,} bytes{clipped}.", f"{counted(len(seen.links), 'link')}."]
    lines += [f"  {link}" for link in seen.links]
    lines += [f"An image has no alt text: {source}" for source in seen.without_alt]
    way = f"Unsubscribe link: {seen.unsubscribe}"
    return [*lines, way if seen.unsubscribe else "There is no unsubscribe link in it."]


def _of_sms(found: CloseLook, wanted: Wanted) -> list[str]:
    assert found.message is not None
    one = segments_of(found.message["body"])
    forced = f", because of {' '.join(one.forcing)}" if one.forcing else ""
    units = "septets" if one.alphabet == "GSM-7" else "UTF-16 units"
    lines = [
        f"{one.alphabet}{forced}: {one.units:,} {units}, {counted(one.segments, 'segment')}.",
        f"All that are due: {counted(found.totals.billed, 'segment')} in "
        f"{counted(sum(found.totals.segments.values()), 'message')}"
        + "".join(
            f"; {messages:,} {agreeing(messages, 'takes', 'take')} {segments}"
            for segments, messages in sorted(found.totals.segments.items())
        )
        + ".",
    ]
    cost = found.totals.cost(wanted.price)
    said = f"Cost: {cost:f} at {wanted.price:f} a segment." if cost is not None else ""
    return [*lines, said or "For the cost, name the price of a segment with --price."]


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else _WIDTH_ELSEWHERE, highlight=False)


def _table(title: str, rows: list[dict[str, Any]]) -> Table:
    table = Table(title=title, title_justify="left")
    for name in rows[0] if rows else ():
        is_number = isinstance(rows[0][name], int)
        table.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(
            *(
                escape(f"{value:,}" if isinstance(value, int) else str(value))
                for value in row.values()
            )
        )
    return table
