"""Commands about segments: what there is, how many are in, and what a changed file would do."""

from datetime import datetime
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Look at segments, and write them.")

Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON")]
Name = Annotated[str, typer.Argument(help="A segment, such as lapsed_6_months")]


@app.command(
    "list",
    short_help="List the segments with their sizes and owners.",
    epilog="Example: stripe-pipeline segments list",
)
def list_(as_json: Json = False) -> None:
    """List every segment: how many are in as of the last run, who owns it, and who is meant."""
    from stripe_pipeline.demo.home import readers_settings
    from stripe_pipeline.membership.printing import print_list

    print_list(readers_settings(), as_json=as_json)


@app.command(
    short_help="Show how many customers each condition of a segment leaves.",
    epilog="Example: stripe-pipeline segments show vip",
)
def show(name: Name, as_json: Json = False) -> None:
    """Show a segment's way from all customers to members, condition by condition.

    The rule is that of the file as it is now, and the customers are those of the last run.
    """
    from stripe_pipeline.demo.home import readers_settings
    from stripe_pipeline.membership.printing import print_funnel

    print_funnel(readers_settings(), name, as_json=as_json)


@app.command(
    short_help="Write a skeleton of a segment's file.",
    epilog="Example: stripe-pipeline segments new german_regulars",
)
def new(name: Name) -> None:
    """Write a file to start from, with the fields that conditions can name."""
    from stripe_pipeline.segments.skeleton import write_skeleton
    from stripe_pipeline.settings import load_settings

    settings = load_settings()
    path = write_skeleton(settings.segments, name, settings.metadata_columns)
    typer.echo(f"{path} is written; say in it who is meant, then `segments show {name}`.")


@app.command(
    short_help="Show who would enter and leave if the files were live.",
    epilog="Example: stripe-pipeline segments diff vip",
)
def diff(
    name: Annotated[str | None, typer.Argument(help="One segment; without it, all")] = None,
    as_json: Json = False,
) -> None:
    """Show who would enter and leave each segment by the files as they are now.

    It compares with the members of the last run. Nothing is recorded.
    """
    from stripe_pipeline.demo.home import readers_settings
    from stripe_pipeline.membership.printing import print_changes

    print_changes(readers_settings(), name, as_json=as_json)


@app.command(
    short_help="Show a segment's past: its sizes, or who was in on a day.",
    epilog="Example: stripe-pipeline segments history vip --on 2026-03-31",
)
def history(
    name: Name,
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Who was in at the end of this day?"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the days on which anyone entered or left, with the size at the end of each.

    It is what runs recorded, and no later run changes it. A day is one of the reporting time
    zone.
    """
    from stripe_pipeline.demo.home import readers_settings
    from stripe_pipeline.membership.past import print_past

    print_past(readers_settings(), name, on.date() if on else None, as_json=as_json)
