"""Import the European Central Bank's rates into the file of exchange rates that runs read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.inputs.exchange_rates import RateLine
from stripe_pipeline.rates.cross import cross_rates
from stripe_pipeline.rates.ecb import Quotes, read_quotes
from stripe_pipeline.rates.merging import first_days, needless, open_rates, write_rates
from stripe_pipeline.rates.needed import Gap, Needed, gaps, needed_rates, open_rows
from stripe_pipeline.settings import Settings

# Longer than the bank's pauses at Easter and Christmas; a longer gap is a discontinued currency.
_PAUSE = timedelta(days=14)


@dataclass(frozen=True)
class ImportReport:
    """The changes of an import to the file, and the rates that runs will still lack.

    `added` lines are new, `filled` had no rate yet, `removed` had none and need none; `kept` are
    the days and currencies of which the file had another rate, which stays. Of the rates that runs
    lacked, the file lacked `missing`, of which it now has `found`. `unpublished` are gaps in
    currencies that the bank doesn't publish, `before` gaps before a currency's first rate, and
    `ended` the newest quotes of currencies that the bank has discontinued. None of the five is
    known (`knows_needs`) before a run has published its tables.
    """

    file: Path
    reporting_currency: str
    first_day: date
    last_day: date
    days: int
    currencies: list[str]
    added: int
    filled: int
    removed: int
    kept: list[tuple[str, str]]
    knows_needs: bool
    missing: int
    found: int
    unpublished: list[Gap]
    before: list[tuple[Gap, date]]
    ended: dict[str, date]


def import_rates(settings: Settings, source: Path, today: date) -> ImportReport:
    """Merge the rates of a file of the bank's, crossed into the reporting currency. Idempotent.

    Raises:
        UsageError: the file isn't the bank's, one of its lines can't be used or is of a day after
            `today`, the bank doesn't publish the reporting currency, or the file to merge into is
            wrong.
        PipelineError: that file can't be written.
    """
    path, needed = settings.exchange_rates or settings.own_rates, _needed(settings)
    quotes = read_quotes(source, today)
    rates = {
        (str(day), currency): RateLine(str(day), currency, plain(rate))
        for day, currency, rate in cross_rates(quotes, settings.reporting_currency)
    }
    before = open_rates(settings, path)
    merged = _Merge(before, rates)
    if merged.changes or not path.exists():
        write_rates(path, merged.lines)
    return _report(settings, path, quotes, merged, _Open(needed, before, merged.lines))


def _needed(settings: Settings) -> Needed | None:
    """Return the rates that runs lack; None without published marts in this reporting currency."""
    try:
        return needed_rates(settings)
    except PipelineError:
        return None


def plain(rate: Decimal) -> str:
    """Format a rate without an exponent and without trailing zeros."""
    text = format(rate, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


class _Merge:
    """A file's lines merged with new rates."""

    def __init__(self, lines: list[RateLine], rates: dict[tuple[str, str], RateLine]) -> None:
        given = {line[:2]: line.rate for line in lines if line.rate}
        filled = [_filled(line, given, rates) for line in lines]
        there = {line[:2] for line in lines}
        new = [line for key, line in rates.items() if key not in there]
        both = [*filled, *sorted(new, key=lambda line: (line.currency, line.day))]
        superfluous = needless(both)
        self.lines = [line for line in both if line not in superfluous]
        self.added = len(new)
        self.filled = sum(old != now for old, now in zip(lines, filled, strict=True))
        self.removed = len(both) - len(self.lines)
        self.kept = [
            key for key, rate in given.items()
            if key in rates and Decimal(rate) != Decimal(rates[key].rate)
        ]  # fmt: skip

    @property
    def changes(self) -> int:
        """How many lines of the file have changed."""
        return self.added + self.filled + self.removed


def _filled(
    line: RateLine, given: dict[tuple[str, str], str], rates: dict[tuple[str, str], RateLine]
) -> RateLine:
    """Return the line, with the bank's rate if it has none and no other line gives one."""
    return line if line.rate or line[:2] in given else rates.get(line[:2], line)


class _Open:
    """The rates that runs lack, before and after a merge; none where that is unknown."""

    def __init__(
        self, needed: Needed | None, before: list[RateLine], after: list[RateLine]
    ) -> None:
        self.is_known = needed is not None
        self.currencies = needed.currencies if needed else set()
        self.first = first_days(after)
        self.missing = open_rows(needed.rows if needed else [], first_days(before))
        self.rows = open_rows(self.missing, self.first)


def _report(
    settings: Settings, path: Path, quotes: Quotes, merged: _Merge, still: _Open
) -> ImportReport:
    days, open_gaps, first = list(quotes.by_day), gaps(still.rows), still.first
    return ImportReport(
        path, settings.reporting_currency, days[0], days[-1], len(days), sorted(quotes.currencies),
        merged.added, merged.filled, merged.removed, merged.kept,
        knows_needs=still.is_known,
        missing=len(still.missing),
        found=len(still.missing) - len(still.rows),
        unpublished=[gap for gap in open_gaps if gap.currency not in first],
        before=[(gap, date.fromisoformat(first[gap.currency])) for gap in open_gaps
                if gap.currency in first],
        ended=_ended(quotes, still.currencies),
    )  # fmt: skip


def _ended(quotes: Quotes, currencies: Iterable[str]) -> dict[str, date]:
    """Return each discontinued currency in use, with the day of its newest quote."""
    newest: dict[str, date] = {}
    for day, rates in quotes.by_day.items():
        newest |= dict.fromkeys(rates, day)
    until = max(quotes.by_day) - _PAUSE
    return {code: newest[code] for code in sorted(currencies)
            if code in newest and newest[code] < until}  # fmt: skip
