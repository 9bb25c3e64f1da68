"""Commands about campaigns: list them, begin one, take one over, look at one closely."""

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Literal

import typer

from stripe_pipeline.errors import UsageError
from stripe_pipeline.home import Home
from stripe_pipeline.settings import Settings, load_settings
from stripe_pipeline.values.words import agreeing, counted

app = typer.Typer(no_args_is_help=True, help="List, begin, take over and preview campaigns.")

Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON")]
Segment = Annotated[
    str | None, typer.Option(help="A segment; by default new_customers, to be changed in the file")
]
ChannelOption = Annotated[Literal["email", "sms", "push"], typer.Option(help="email, sms or push")]


@app.command(
    "list",
    short_help="List the campaigns.",
    epilog="Example: stripe-pipeline campaigns list",
)
def list_(as_json: Json = False) -> None:
    """List the campaigns of the campaign folder, each checked: status, languages, version.

    A version is counted up when a run sees that the campaign's files were edited.
    """
    from stripe_pipeline.cli.commands.campaign_words import list_in_terminal

    list_in_terminal(load_settings(), as_json=as_json)


@app.command(
    short_help="Show a campaign's versions.",
    epilog="Example: stripe-pipeline campaigns show win_back",
)
def show(name: Annotated[str, typer.Argument(help="The campaign")], as_json: Json = False) -> None:
    """Show each version of a campaign that a run has seen: since when, and what it changed."""
    from stripe_pipeline.cli.commands.campaign_versions import show_in_terminal

    show_in_terminal(load_settings(), name, as_json=as_json)


@app.command(
    short_help="Begin a campaign.",
    epilog="Example: stripe-pipeline campaigns new spring --segment vip",
)
def new(
    name: Annotated[str, typer.Argument(help="Its name: small letters, digits and _")],
    segment: Segment = None,
    channel: ChannelOption = "email",
    existing_members: Annotated[
        Literal["skip", "include"],
        typer.Option(help="Whether those get it who are in the segment when it goes live"),
    ] = "skip",
) -> None:
    """Write a campaign to begin with, as a draft that is valid and sends nothing.

    It says how many are in the segment already: `existing_members` decides whether they get it.
    """
    from stripe_pipeline.activation.contract import load_contract
    from stripe_pipeline.activation.new_campaign import (
        first_segment,
        skeleton,
        write_draft,
    )

    settings = load_settings()
    contract = load_contract(settings.segments).with_fields(settings.metadata_columns)
    draft = skeleton(name, segment or first_segment(contract), channel, existing_members)
    _say_written(write_draft(settings, contract, draft), name)
    typer.echo(_existing(settings, draft.segment or ""))


@app.command(
    "import",
    short_help="Take over a template of DailyStory.",
    epilog="Example: stripe-pipeline campaigns import welcome.html --segment new_customers",
)
def import_(
    file: Annotated[Path, typer.Argument(help="A template as an HTML or text file")],
    name: Annotated[
        str | None, typer.Option(help="The campaign's name; by default the file's")
    ] = None,
    segment: Segment = None,
    subject: Annotated[
        str | None, typer.Option(help="The subject; by default the title of the HTML")
    ] = None,
    preheader: Annotated[str | None, typer.Option(help="The preview text")] = None,
    channel: Annotated[Literal["email", "sms"], typer.Option(help="email or sms")] = "email",
) -> None:
    """Translate a template of DailyStory into Liquid, as a draft campaign.

    What can't be translated is named with its line, and then nothing is written.
    """
    from stripe_pipeline.activation.contract import load_contract
    from stripe_pipeline.activation.importing import Wishes, import_template

    wishes = Wishes(name, segment, subject, preheader, channel)
    settings = load_settings()
    found = import_template(settings, load_contract(settings.segments), file, wishes)
    for line, remark in found.remarks:
        typer.echo(f"Line {line}: {remark}")
    _say_written(found.files, found.files[0].parent.name)


@app.command(
    short_help="Look at a campaign before it is sent.",
    epilog="Example: stripe-pipeline campaigns preview win_back --customer cus_123",
)
def preview(
    name: Annotated[str, typer.Argument(help="The campaign")],
    customer: Annotated[
        str | None, typer.Option(help="Whose message to show; by default the first that is due")
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(help="A day in the reporting time zone, or an instant; by default now"),
    ] = None,
    entrants: Annotated[
        int, typer.Option(min=0, help="How many of the last people who entered to judge")
    ] = 10,
    price: Annotated[
        str | None, typer.Option(help="What a segment of a text message costs, as 0.0079")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Another folder for the message than previews/ of the home")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show who would get a campaign and who not, and write one message as files.

    The numbers are those of the next run, by the same code: from the segment's members to the
    messages that are due. Nothing is recorded, published, exported or sent. An email is also
    drawn as a desktop and a phone show it, where Chromium is installed.
    """
    from stripe_pipeline.activation.previews.closely import Wanted
    from stripe_pipeline.cli.commands.campaign_words import preview_in_terminal
    from stripe_pipeline.demo.home import readers_settings

    wanted = Wanted(customer, entrants, _price(price))
    preview_in_terminal(Home.of(readers_settings()), name, on, wanted, output, as_json=as_json)


def _price(text: str | None) -> Decimal | None:
    try:
        price = None if text is None else Decimal(text)
    except InvalidOperation:
        price = Decimal(-1)
    if price is not None and (not price.is_finite() or price < 0):
        raise UsageError(f"--price {text} is no price; write it as 0.0079.")
    return price


def _existing(settings: Settings, segment: str) -> str:
    """Return a sentence about those who are in a segment already."""
    from stripe_pipeline.warehouse.readers import Marts

    if not settings.published.exists():
        return (
            f"How many are in {segment} already is known after the first run; with "
            "`existing_members: skip` they don't get it."
        )
    count = "select count(*) as members from mart where segment = ?"
    [row] = Marts(settings).rows("segment_members", count, [segment])
    there = f"{counted(row['members'], 'customer')} {agreeing(row['members'], 'is', 'are')}"
    return (
        f"{there} in {segment} already; `existing_members: skip` in campaign.yml leaves out those "
        "who are in it when the campaign goes live, and `include` writes to them too."
    )


def _say_written(files: list[Path], name: str) -> None:
    typer.echo(f"The campaign {name} is a draft of {counted(len(files), 'file')}:")
    for path in files:
        typer.echo(f"  {path}")
    typer.echo(
        f"Look at it with `stripe-pipeline campaigns preview {name}`; with `status: live` in "
        "campaign.yml runs send it."
    )
