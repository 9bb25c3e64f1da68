"""The exchange rates that the newest published marts lack."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from stripe_pipeline.errors import UsageError
from stripe_pipeline.inputs.exchange_rates import is_currency
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.readers import Marts, Row


@dataclass(frozen=True)
class Needed:
    """The missing rates, by currency and day, as of an instant (UTC, without a zone).

    `rows` have `currency`, `day` and `facts`; `currencies` are all that sales are in. `odd` are
    missing currencies without a code of three letters, whose rates the file doesn't accept.
    """

    as_of: datetime
    rows: list[Row]
    currencies: set[str]
    odd: list[str]


def needed_rates(settings: Settings) -> Needed:
    """Read the rates that the newest run lacked.

    Raises:
        PipelineError: nothing is published yet.
        UsageError: the published marts are in another reporting currency than the setting's.
    """
    marts = Marts(settings)
    clock = marts.clock()
    if clock["reporting_currency"] != settings.reporting_currency:
        raise UsageError(
            f"What is published is in {clock['reporting_currency']}, and the setting "
            f"STRIPE_PIPELINE_REPORTING_CURRENCY says {settings.reporting_currency}; run "
            "`stripe-pipeline run` first, which finds out which rates are missing now."
        )
    rows = marts.rows("missing_exchange_rates", "from mart order by currency, day")
    sold = marts.rows("sales_facts", "select distinct currency from mart")
    usable = [row for row in rows if is_currency(row["currency"])]
    odd = sorted({row["currency"] for row in rows} - {row["currency"] for row in usable})
    return Needed(clock["as_of"], usable, {str(row["currency"]) for row in [*rows, *sold]}, odd)


@dataclass(frozen=True)
class Gap:
    """The days of one currency on which a rate is missing."""

    currency: str
    days: int
    first_day: date
    last_day: date

    def __str__(self) -> str:
        if self.days == 1:
            return f"{self.currency} on {self.first_day}"
        return f"{self.currency} on {self.days:,} days from {self.first_day} to {self.last_day}"


def gaps(rows: list[Row]) -> list[Gap]:
    """Return the missing rates by currency, in the order of their codes."""
    by_currency: dict[str, list[date]] = {}
    for row in rows:
        by_currency.setdefault(row["currency"], []).append(row["day"])
    return [
        Gap(currency, len(days), min(days), max(days))
        for currency, days in sorted(by_currency.items())
    ]


def open_rows(rows: list[Row], first: Mapping[str, str]) -> list[Row]:
    """Return the missing rates that a file lacks too: it has none of the currency up to the day.

    `first` is the day of the file's oldest rate, by currency.
    """
    return [row for row in rows if first.get(row["currency"], "9999") > str(row["day"])]
