"""The current time, and the as-of instant that a run computes for, which is never later.

A future instant is refused: what is recorded, published or exported for it would be false until
then, and every run before that instant would have nothing to do.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from stripe_pipeline.errors import UsageError
from stripe_pipeline.settings import Settings
from stripe_pipeline.settings.demo_mark import DEMO_NOW, is_demo
from stripe_pipeline.settings.parsing import read_instant

logger = logging.getLogger(__name__)

AS_OF_SETTING = "STRIPE_PIPELINE_AS_OF"
AS_OF_OPTION = "--as-of"
# Clocks of two machines differ by a few seconds; that isn't a future instant.
TOLERANCE = timedelta(seconds=5)


@dataclass(frozen=True)
class AsOf:
    """The instant that a run computes for, in UTC, and where it was given.

    `source` is the option or setting, such as `--as-of`; empty where it is the run's start time.
    """

    instant: datetime
    source: str = ""


def present(settings: Settings) -> datetime:
    """Return the current time in UTC, in whole seconds; in a demo's home, DEMO_NOW."""
    if is_demo(settings.home):
        return DEMO_NOW
    return datetime.now(UTC).replace(microsecond=0)


def chosen_as_of(settings: Settings, option: str | None = None) -> AsOf:
    """Return a command's as-of instant: the option --as-of, else the setting, else now.

    Raises:
        UsageError: it isn't a valid instant, or is later than now.
    """
    if option is not None:
        return not_later_than_now(AsOf(_instant(option, AS_OF_OPTION), AS_OF_OPTION), settings)
    if settings.as_of:
        return not_later_than_now(AsOf(settings.as_of, AS_OF_SETTING), settings)
    return AsOf(present(settings))


def tagged_as_of(tag: str, source: str, settings: Settings) -> AsOf:
    """Return the as-of instant from the tag of a recorded run; `source` is where it was given.

    Raises:
        UsageError: it isn't a valid instant, or is later than now.
    """
    return not_later_than_now(AsOf(_instant(tag, source or "the run's as-of"), source), settings)


def as_of_or_now(settings: Settings) -> datetime:
    """Return the setting's instant; where it lies in the future, log that and return now.

    For work that can't wait until the setting is corrected, such as an erasure.
    """
    try:
        return chosen_as_of(settings).instant
    except UsageError as error:
        logger.warning("%s Computed for now instead.", error)
        return present(settings)


def not_later_than_now(as_of: AsOf, settings: Settings) -> AsOf:
    """Return `as_of` unchanged if it doesn't lie in the future.

    Raises:
        UsageError: it does; the message points to `preview`.
    """
    now = present(settings)
    if as_of.instant <= now + TOLERANCE:
        return as_of
    named = _capital(as_of.source or "the as-of instant")
    raise UsageError(
        f"{named} is {in_words(as_of.instant)}, which is later than now ({in_words(now)}): nothing "
        "is recorded or sent for the future. "
        f"`stripe-pipeline preview --on {as_of.instant:%Y-%m-%dT%H:%M:%SZ}` shows who would be in "
        "and get what then."
    )


def in_words(instant: datetime) -> str:
    """Format an instant as `2026-01-31 09:30:00 UTC`; one without a zone is UTC."""
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return f"{aware.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _capital(text: str) -> str:
    """Capitalize a word; leave options and settings as they are."""
    return f"T{text[1:]}" if text.startswith("the ") else text


def _instant(text: str, name: str) -> datetime:
    try:
        return read_instant(text)
    except ValueError as error:
        raise UsageError(f"{_capital(name)} can't be used: {error}.") from None
