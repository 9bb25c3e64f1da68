"""Merge lines into a file of exchange rates: what a user wrote there stays unchanged."""

import csv
import io
import stat
from collections.abc import Iterable
from pathlib import Path

from stripe_pipeline.errors import PipelineError, UsageError
from stripe_pipeline.files.durable import sync_file, sync_folder
from stripe_pipeline.inputs import exchange_rates
from stripe_pipeline.inputs.exchange_rates import COLUMNS, RateLine, RatesFile, read_rate_lines
from stripe_pipeline.settings import Settings


def open_rates(settings: Settings, path: Path) -> list[RateLine]:
    """Read the lines of a file to merge into; none where it doesn't exist yet.

    The home's own file starts with the rates of the project's seed, as it replaces the seed once it
    exists.

    Raises:
        UsageError: one of its lines can't be used, or it was made for another reporting currency.
    """
    is_new = path == settings.own_rates and not path.exists()
    source = exchange_rates.SEED if is_new else path
    lines = read_rate_lines(source) if source.exists() else []
    if RatesFile(path, lines).of(settings.reporting_currency):
        raise UsageError(
            f"{source} has rates of {settings.reporting_currency}, the reporting currency, so it "
            "was made for another one; move it away, or name another file in "
            "STRIPE_PIPELINE_EXCHANGE_RATES."
        )
    return lines


def needless(lines: Iterable[RateLine]) -> set[RateLine]:
    """Return the lines without a rate that need none, as the currency has an older rate."""
    given = list(lines)
    first = first_days(given)
    return {
        line for line in given
        if not line.rate and line.currency in first and first[line.currency] <= line.day
    }  # fmt: skip


def first_days(lines: Iterable[RateLine]) -> dict[str, str]:
    """Return the day of the oldest rate, by currency."""
    first: dict[str, str] = {}
    for line in lines:
        if line.rate:
            first[line.currency] = min(line.day, first.get(line.currency, line.day))
    return first


def write_rates(path: Path, lines: Iterable[RateLine]) -> None:
    """Replace the file's lines by these, atomically; a new file is private to its owner.

    Raises:
        PipelineError: it can't be written.
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *lines])
    target = path.resolve()
    temporary = target.with_name(f".{target.name}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o600
        temporary.unlink(missing_ok=True)
        temporary.touch(0o600, exist_ok=False)
        temporary.write_text(text.getvalue(), encoding="utf-8")
        temporary.chmod(mode)
        sync_file(temporary)
        temporary.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise PipelineError(f"{path} can't be written ({error.strerror}).") from None
