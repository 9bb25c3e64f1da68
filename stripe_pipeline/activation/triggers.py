"""What triggers a campaign's message: a fact about a customer, or the day of a date.

trigger: first_order
trigger: 3 days before stripe_trial_ends_at
trigger: on the anniversary of stripe_first_create_order_date

Each fact is a query over published marts, in `sql/triggers/`, with the columns stripe_customer_id,
fact (what tells it from the person's others), fact_id (what names it) and happened_at (UTC).
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from stripe_pipeline.activation.contract import Contract, near_miss

# The facts, each with the marts that its query reads.
FACTS: Mapping[str, tuple[str, ...]] = {
    "first_order": ("orders",),
    "repeat_order": ("orders",),
    "refund": ("order_adjustments",),
    "payment_failed": ("payments",),
    "subscription_started": ("subscriptions",),
    "subscription_renewed": ("orders",),
    "subscription_cancelled": ("subscriptions",),
    "points_earned": ("loyalty_ledger",),
}
_NOT_YET: Mapping[str, str] = {
    "tier_changed": "no tiers are computed yet, so no one's tier changes",
}
# How old a fact may be at most, and how late after its day a date's message may come.
WITHIN = timedelta(days=7)
WITHIN_DATE = timedelta(days=1)
_DATE = re.compile(
    r"(?:on|(?P<days>\d{1,4}) days? (?P<side>before|after)) "
    r"(?P<anniversary>the anniversary of )?(?P<field>\w+)"
)
_FORMS = (
    "`on stripe_trial_ends_at`, `3 days before stripe_trial_ends_at`, or with `the anniversary of` "
    "before the field"
)
_DATES = ("date", "timestamp")
_SQL = Path(__file__).parent / "sql" / "triggers"


class TriggerError(ValueError):
    """Why something can't be a trigger, as a sentence."""


@dataclass(frozen=True)
class Trigger:
    """What triggers a message: `text` as the campaign says it.

    Of a date: its field, how many days after it (before: below 0), and whether each year.
    """

    text: str
    field: str | None = None
    days: int = 0
    is_yearly: bool = False

    @property
    def marts(self) -> tuple[str, ...]:
        """The marts that its query reads."""
        return FACTS.get(self.text, ())

    @property
    def occasion(self) -> str:
        """What an occasion of it is called, before the fact."""
        return self.field or self.text

    @property
    def within(self) -> timedelta:
        """How late its message may come, where the campaign says nothing."""
        return WITHIN_DATE if self.field else WITHIN

    def query(self) -> str:
        """Return the query of its facts."""
        kind = self.text
        if self.field:
            kind = "anniversary" if self.is_yearly else "date"
        text = (_SQL / f"{kind}.sql").read_text(encoding="utf-8")
        return text.replace("{field}", f'"{self.field}"')


def trigger_of(text: str) -> Trigger:
    """Return the trigger that a campaign names.

    Raises:
        TriggerError: it is none; the message names the near miss.
    """
    if text in FACTS:
        return Trigger(text)
    if text in _NOT_YET:
        raise TriggerError(f"{text} can't trigger a campaign yet: {_NOT_YET[text]}.")
    date = _DATE.fullmatch(text)
    if date:
        days = int(date["days"] or 0) * (-1 if date["side"] == "before" else 1)
        return Trigger(text, date["field"], days, is_yearly=bool(date["anniversary"]))
    if " " in text:
        raise TriggerError(f"{text} is no day; write it as {_FORMS}.")
    hint = near_miss(text, FACTS)
    if hint == ".":
        hint = f"; there are {', '.join(FACTS)}, and a date's day as {_FORMS}."
    raise TriggerError(f"there is no trigger {text}{hint}")


def checked_trigger(text: str, contract: Contract) -> Trigger:
    """Return a trigger whose field the profile has.

    Raises:
        TriggerError: it is none.
    """
    trigger = trigger_of(text)
    dates = [name for name, kind in contract.profile_types.items() if kind in _DATES]
    if trigger.field and trigger.field not in dates:
        raise TriggerError(_no_date(trigger.field, dates, contract.profile_fields))
    return trigger


def _no_date(field: str, dates: Collection[str], fields: Collection[str]) -> str:
    if field in fields:
        return f"{field} is no date; the profile's dates are {', '.join(sorted(dates))}."
    return f"the profile has no {field}{near_miss(field, dates)}"
