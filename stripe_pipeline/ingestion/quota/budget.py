"""Stay within the reads that Stripe allows: measure their rate, and choose the poll interval.

Stripe allows 500 reads for each transaction of the last 30 days, and 10,000 a month in any case.
Source: https://docs.stripe.com/rate-limits
"""

from dataclasses import dataclass
from statistics import median

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from stripe_pipeline.ingestion.quota.reads import UPKEEP, WHOLE, Reads
from stripe_pipeline.lake import Batch, Lake
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.resources import DAY, HOUR

READS_A_PAYMENT = 500
FLOOR = 10_000
MONTH = 30 * DAY
MINUTE = 60

# Poll intervals to choose from, in seconds.
LADDER = (
    *(minutes * MINUTE for minutes in (5, 10, 15, 30)),
    *(hours * HOUR for hours in (1, 2, 3, 6, 12, 24)),
)
# The rest is a reserve for full reads, busy days, and other programs with this key.
SHARE = 0.8
# The days over which the rate of reads is measured.
RECENT_DAYS = 7
# The assumed reads of a poll before any has been counted.
UNMEASURED_POLL = 2.0
# Counting payments reads a month of charges, so the count is cached this long, in seconds.
PAYMENTS_GOOD_FOR = 6 * HOUR


@dataclass(frozen=True)
class Pace:
    """Reads of the recent days: the median of a poll, and all others a day."""

    poll: float
    others: float
    polls: int

    def a_month(self, interval: int) -> float:
        """Forecast the reads of 30 days with a poll every `interval` seconds."""
        return 30 * (self.others + DAY / interval * self.poll)


@dataclass(frozen=True)
class Budget:
    """Reads of 30 days: used, forecast from the recent days, and allowed.

    `payments` are those of the last 30 days that the lake knows, `interval` the seconds between
    polls.
    """

    used: int
    forecast: int
    allowance: int
    payments: int
    interval: int

    @property
    def sentence(self) -> str:
        """The budget in words."""
        return (
            f"{self._used}, {self._share(self.used)} of {self._allowed}; as it goes on, "
            f"{self.forecast:,} times in 30 days. Scheduled polls are "
            f"{in_words(self.interval)} apart."
        )

    @property
    def warning(self) -> str | None:
        """A warning that the allowance is nearly or entirely used; None below SHARE of it."""
        if self.used >= SHARE * self.allowance:
            is_over = self.used > self.allowance
            share = "more than" if is_over else f"{self._share(self.used)} of"
            return f"{self._used}, {share} {self._allowed}; {self._advice}"
        if self.forecast > SHARE * self.allowance:
            return (
                f"As it goes on, Stripe will be asked {self.forecast:,} times in 30 days, "
                f"{self._share(self.forecast)} of {self._allowed}; {self._advice}"
            )
        return None

    @property
    def _used(self) -> str:
        return f"Stripe was asked {self.used:,} times in the last 30 days"

    @property
    def _allowed(self) -> str:
        return (
            f"the {self.allowance:,} that it allows ({READS_A_PAYMENT} for each of "
            f"{self.payments:,} payments, {FLOOR:,} at least)"
        )

    @property
    def _advice(self) -> str:
        return (
            f"polls are {in_words(self.interval)} apart, and a longer STRIPE_PIPELINE_POLL_MINUTES "
            "or fewer syncs and reconciliations by hand bring it down."
        )

    def _share(self, reads: int) -> str:
        return f"{100 * reads / self.allowance:.0f} %"


def budget(settings: Settings, mode: str, now: int) -> Budget:
    """Measure the use of a home's key, and choose the poll interval.

    Raises:
        PipelineError: the count can't be read, or the lake can't.
    """
    reads = Reads(settings.home, mode)
    # Counted by whole days, so it covers at least 30 times 24 hours.
    used = reads.total(now - MONTH)
    payments = _payments(reads, Lake(settings.lake), now)
    allowance = max(FLOOR, READS_A_PAYMENT * payments)
    pace = measure(reads, now)
    left = allowance - reads.total(now - MONTH, (WHOLE,))
    fixed = settings.poll_minutes
    interval = fixed * MINUTE if fixed else fitting(pace, left if used < allowance else 0)
    forecast = pace.a_month(interval) if pace.polls else 30 * pace.others
    return Budget(used, round(forecast), allowance, payments, interval)


def fitting(pace: Pace, left: int) -> int:
    """Return the shortest poll interval whose forecast is at most SHARE of the reads left.

    `left` excludes the full reads of the last 30 days already. Where nothing fits, returns the
    longest interval.
    """
    return next((each for each in LADDER if pace.a_month(each) <= SHARE * left), LADDER[-1])


def measure(reads: Reads, now: int) -> Pace:
    """Measure the rate of reads over the recent days, since the first sync.

    Full reads are left out: another isn't expected.

    Raises:
        PipelineError: the count can't be read.
    """
    midnight = now - now % DAY
    since = midnight - (RECENT_DAYS - 1) * DAY
    starts = reads.starts(0)
    if starts:
        since = max(since, starts[0].started_at)
    days = max(1.0, (now - since) / DAY)
    polls = [each.reads for each in starts if each.is_poll and each.started_at >= since]
    polls = [each for each in polls if each]
    poll = float(median(polls)) if polls else UNMEASURED_POLL
    others = max(0.0, reads.total(since, (UPKEEP,)) - poll * len(polls)) / days
    return Pace(poll, others, len(polls))


def wait(settings: Settings, mode: str, now: int, slack: int = 0) -> str | None:
    """Return why no poll is due yet, None where one is; it may be `slack` seconds early.

    Raises:
        PipelineError: the count can't be read, or the lake can't.
    """
    starts = Reads(settings.home, mode).starts(now - LADDER[-1])
    found = budget(settings, mode, now)
    last = starts[-1].started_at if starts else None
    if last is None or not 0 <= now - last < found.interval - slack:
        return None
    left = max(MINUTE, found.interval - (now - last))
    return f"The next poll is due in {in_words(left - left % MINUTE)}. {found.sentence}"


def in_words(seconds: int) -> str:
    """Write a time as "10 minutes" or "1 hour"."""
    number, unit = (seconds // HOUR, "hour") if seconds % HOUR == 0 else (seconds // 60, "minute")
    return f"{number} {unit}{'' if number == 1 else 's'}"


class _Status(msgspec.Struct):
    status: str | None = None


_STATUS = msgspec.json.Decoder(_Status)


def payments_since(lake: Lake, since: int) -> int:
    """Return how many charges created at `since` or later succeeded."""
    found: set[str] = set()
    for batch in lake.batches("charges"):
        found |= _succeeded(batch, since)
    return len(found)


def _payments(reads: Reads, lake: Lake, now: int) -> int:
    kept = reads.payments()
    if kept and 0 <= now - kept[0] < PAYMENTS_GOOD_FOR:
        return kept[1]
    payments = payments_since(lake, now - MONTH)
    reads.keep_payments(payments, now)
    return payments


def _succeeded(batch: Batch, since: int) -> set[str]:
    with batch.open() as file:
        created = file.read(["created"])["created"]
        recent = pc.fill_null(pc.greater_equal(created, pa.scalar(since)), fill_value=False)
        if not pc.any(recent).as_py():
            return set()
        rows = file.read(["id", "body"]).filter(recent)
    pairs = zip(rows["id"].to_pylist(), rows["body"].to_pylist(), strict=True)
    return {each for each, body in pairs if _STATUS.decode(body).status == "succeeded"}
