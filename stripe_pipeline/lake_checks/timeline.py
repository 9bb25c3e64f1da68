"""Check for records later than now, and for runs that compute for the past."""

from datetime import datetime, timedelta

from stripe_pipeline.lake_checks.verdict import Verdict
from stripe_pipeline.settings.clock import AS_OF_SETTING, AsOf, in_words
from stripe_pipeline.values.words import counted
from stripe_pipeline.warehouse.ahead import Ahead

# An as-of instant no older than this is the present: the run only waited or took long.
_RECENT = timedelta(minutes=1)


def history_verdict(found: Ahead) -> Verdict:
    """Judge whether moves and messages are recorded for later than now."""
    numbers = {"moves_later_than_now": found.moves, "messages_later_than_now": found.messages}
    if found.newest is None:
        return Verdict(True, "No move and no message is recorded for later than now.", numbers)
    held = "Until then no run records a move or exports a message. " if found.moves else ""
    sentence = (
        f"{recorded_later(found)} are recorded for later "
        f"than now ({in_words(found.now)}), up to {in_words(found.newest)}. {held}See whether this "
        "machine's clock is right; if it is, `stripe-pipeline withdraw-future` takes them back, "
        "and what was sent isn't sent again."
    )
    return Verdict(False, sentence, {**numbers, "newest": found.newest})


def recorded_later(found: Ahead) -> str:
    """Return in words how much is recorded for later than now."""
    return f"{counted(found.moves, 'segment move')} and {counted(found.messages, 'message')}"


def as_of_verdict(
    as_of: AsOf, started: datetime, published: datetime | None, newest_move: datetime | None
) -> Verdict:
    """Judge whether a run computes for the present.

    `published` is the as-of instant of the tables that the run replaces, None where there are none.
    """
    numbers = {"as_of": as_of.instant, "as_of_source": as_of.source or "the run's start"}
    if not as_of.source or as_of.instant >= started - _RECENT:
        return Verdict(True, f"Computed for the present, {in_words(as_of.instant)}.", numbers)
    parts = [f"Computed for {in_words(as_of.instant)}, {_age(started - as_of.instant)} ago"]
    if published and published > as_of.instant:
        parts.append(f"in the place of tables of {in_words(published)}")
    effect = "history and messages went on as of then"
    if newest_move and newest_move > as_of.instant:
        effect = f"as moves are recorded up to {in_words(newest_move)}, none was, and no message"
    sentence = f"{', '.join(parts)}, because {as_of.source} says so; {effect}. {_remedy(as_of)}"
    return Verdict(False, sentence, numbers)


def _age(age: timedelta) -> str:
    if age >= timedelta(days=2):
        return counted(age.days, "day")
    hours, minutes = divmod(age // timedelta(minutes=1), 60)
    said = counted(minutes, "minute")
    return f"{counted(hours, 'hour')} {said}" if hours else said


def _remedy(as_of: AsOf) -> str:
    if as_of.source == AS_OF_SETTING:
        return (
            f"Every run computes the same past until you take {AS_OF_SETTING} out of the "
            "environment or .env."
        )
    return "The next run without it publishes the present again."
