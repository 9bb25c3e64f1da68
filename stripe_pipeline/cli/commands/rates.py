"""Commands that get exchange rates: a file to fill in, or the European Central Bank's."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stripe_pipeline.settings import load_settings
from stripe_pipeline.values.words import agreeing, counted

if TYPE_CHECKING:
    from stripe_pipeline.rates.importing import ImportReport
    from stripe_pipeline.rates.template import TemplateReport

app = typer.Typer(no_args_is_help=True, help="Get the exchange rates that totals need.")

Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON")]


@app.command(
    short_help="Write the lines of missing rates into a CSV file to fill in.",
    epilog="Example: stripe-pipeline rates template --output rates.csv",
)
def template(
    output: Annotated[
        Path | None, typer.Option(help="Another file than the one that runs read")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a line `day,currency,` for each rate that the newest run lacked.

    They are added to the file that runs read: the one that STRIPE_PIPELINE_EXCHANGE_RATES names, or
    else exchange_rates.csv in the home folder. What is in a file already stays as it is.
    """
    from stripe_pipeline.rates.template import write_template
    from stripe_pipeline.warehouse.readers import to_json

    report = write_template(load_settings(), output)
    typer.echo(to_json(vars(report)) if as_json else "\n".join(_of_template(report)))


@app.command(
    "import",
    short_help="Take over the rates of the European Central Bank's file.",
    epilog="Example: stripe-pipeline rates import eurofxref-hist.zip",
)
def import_(
    file: Annotated[
        Path, typer.Argument(help="eurofxref-hist.zip, or another of the bank's files, as it is")
    ],
    as_json: Json = False,
) -> None:
    """Take over the rates of a file of the European Central Bank's, as it is downloaded.

    https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip has every working day since 1999;
    the CSV and XML files work too. Rates into other currencies than the euro are crossed exactly.
    They go into the file that runs read; a rate that is there already stays.
    """
    from stripe_pipeline.rates.importing import import_rates
    from stripe_pipeline.warehouse.readers import to_json

    report = import_rates(load_settings(), file.expanduser().absolute(), _today())
    typer.echo(to_json(vars(report)) if as_json else "\n".join(_of_import(report)))


def _today() -> date:
    return datetime.now(UTC).date()


def _of_template(report: "TemplateReport") -> Iterator[str]:
    from stripe_pipeline.rates.needed import gaps

    if report.odd:
        yield f"No rate can be given of {', '.join(report.odd)}, which is no code of three letters."
    as_of = f"the newest run, as of {report.as_of:%Y-%m-%d %H:%M:%S} UTC"
    if not report.missing:
        yield f"No exchange rate was missing at {as_of}; nothing was written."
        return
    if not report.open:
        yield f"{report.file} has every rate by now that was missing at {as_of}; run again."
        return
    named = "; ".join(map(str, gaps(report.open)))
    added = counted(report.added, "line")
    yield f"{report.file}: {added} added, {len(report.open):,} to fill in: {named}."
    yield (
        f"Write behind the last comma of each how many {report.reporting_currency} one unit was "
        "worth on that day, such as `2026-01-30,eur,1.0842`. A rate holds until the next line of "
        "its currency: where that is exact enough, the first day alone will do. A line left empty "
        "counts for nothing."
    )
    if not report.is_read:
        yield f"Name the file in STRIPE_PIPELINE_EXCHANGE_RATES: {report.file}"
    yield "Then `stripe-pipeline run`."


def _of_import(report: "ImportReport") -> Iterator[str]:
    currencies = counted(len(report.currencies), "currency", "currencies")
    yield (
        f"Read rates of {counted(report.days, 'day')} from {report.first_day} to "
        f"{report.last_day} and {currencies}."
    )
    yield (
        f"{report.file}, which runs read: {counted(report.added, 'rate')} to "
        f"{report.reporting_currency} added, {counted(report.filled, 'empty line')} filled in, "
        f"{counted(report.removed, 'needless one')} removed."
    )
    if report.kept:
        yield _kept(len(report.kept), *report.kept[0])
    yield from _still_missing(report)
    yield _what_next(report)


def _kept(number: int, day: str, currency: str) -> str:
    return (
        f"{counted(number, 'rate')} in it {agreeing(number, 'differs', 'differ')} from the bank's "
        f"and {agreeing(number, 'stays', 'stay')}, the first for {currency} on {day}; remove such "
        "lines and import again to take the bank's."
    )


def _still_missing(report: "ImportReport") -> Iterator[str]:
    if not report.knows_needs:
        yield "Which rates are needed isn't known yet: a run says which are missing then."
    for gap in report.unpublished:
        yield (
            f"Still missing: {gap}; the bank's file has no {gap.currency}. Write its lines with "
            "`stripe-pipeline rates template` and fill them in."
        )
    for gap, first in report.before:
        yield (
            f"Still missing: {gap}, before its first rate of {first}; import the bank's whole "
            "history if you haven't, or fill in the lines of `stripe-pipeline rates template`."
        )
    for currency, last in report.ended.items():
        yield (
            f"The bank's newest rate of {currency} is of {last}: it holds for every later day "
            "until you write newer ones into the file."
        )


def _what_next(report: "ImportReport") -> str:
    """What the next run does with the file as it is now."""
    missing = counted(report.missing, "missing rate")
    if report.found:
        return (
            f"The file has {report.found:,} of {missing} now: the next `stripe-pipeline run` "
            "converts with what is there."
        )
    if report.missing:
        return f"It has none of {missing}, so the next `stripe-pipeline run` lacks the same."
    if report.added + report.filled:
        return "The next `stripe-pipeline run` converts with them."
    return "The file had each of these rates already, so nothing changes."
