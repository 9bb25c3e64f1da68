"""Write the lines that a file of exchange rates lacks, for a user to fill in."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from stripe_pipeline.inputs.exchange_rates import RateLine
from stripe_pipeline.rates.merging import first_days, open_rates, write_rates
from stripe_pipeline.rates.needed import needed_rates, open_rows
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.readers import Row


@dataclass(frozen=True)
class TemplateReport:
    """What was written: `added` lines of the `open` ones, which have no rate in the file.

    `missing` counts what the newest run lacked; where none is open, the file now has them all.
    `is_read`: the file is the one that runs read. `odd` are missing currencies without a code of
    three letters, for which no rate can be given.
    """

    file: Path
    is_read: bool
    reporting_currency: str
    as_of: datetime
    missing: int
    open: list[Row]
    added: int
    odd: list[str]


def write_template(settings: Settings, output: Path | None = None) -> TemplateReport:
    """Add a line without a rate for each missing one; existing lines stay unchanged.

    The file is the one that runs read, unless `output` names another.

    Raises:
        PipelineError: nothing is published yet, or the file can't be written.
        UsageError: the file has a line that can't be used, or is of another reporting currency.
    """
    read = settings.exchange_rates or settings.own_rates
    path = output.expanduser().absolute() if output else read
    needed = needed_rates(settings)
    lines = open_rates(settings, path)
    # Another file gets only what the file that runs read lacks, too.
    known = lines if path == read else [*lines, *open_rates(settings, read)]
    still_open = open_rows(needed.rows, first_days(known))
    there = {line[:2] for line in lines}
    new = [line for line in map(_line, still_open) if line[:2] not in there]
    if new:
        write_rates(path, [*lines, *new])
    return TemplateReport(
        path, path == read, settings.reporting_currency, needed.as_of, len(needed.rows), still_open,
        len(new), needed.odd,
    )  # fmt: skip


def _line(row: Row) -> RateLine:
    return RateLine(str(row["day"]), row["currency"], "")
