"""From a segment's members to the messages that are due: each step with its number and a sample."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from stripe_pipeline.activation.audience import Audience
from stripe_pipeline.activation.decisions import Decisions
from stripe_pipeline.activation.eligibility import script
from stripe_pipeline.activation.reasons import TEMPLATE_FAILED

Row = dict[str, Any]
# The gates in the order in which the funnel counts them, each a column of gates.sql.
GATES = (
    "new_since_live", "in_time", "not_again", "not_excluded", "consented", "reachable",
    "not_suppressed", "rates_known", "first_at_address", "not_sent_before", "goal_not_met",
    "on_schedule", "fills_in",
)  # fmt: skip
SAMPLE = 3
_MEMBERS = """
    select stripe_customer_id, person_id as unit
    from segment_members
    inner join live_customers using (stripe_customer_id)
    where segment = ? order by stripe_customer_id
"""
_FACTS = """
    select distinct stripe_customer_id, unit from customer_stays
    where is_open order by stripe_customer_id, unit
"""
# A gate that a campaign doesn't have has no step.
_ONLY_WHERE: Mapping[str, Callable[[Audience], bool]] = {
    "new_since_live": lambda audience: not audience.takes_existing,
    "in_time": lambda audience: audience.trigger is not None,
    "not_again": lambda audience: audience.re_entry != 0,
    "not_excluded": lambda audience: bool(audience.not_in or audience.not_listed),
}


@dataclass(frozen=True)
class Funnel:
    """The steps, and each person's gates.

    A step has `step`, `left` (people, of `members` customers), `lost`, and a `sample` of the
    customers that are lost at it. `people` has a row for each person: customer, gates, decision.
    `went_live` is when the campaign went live on its audience; before its first run, as-of.
    """

    steps: list[Row]
    people: list[Row]
    went_live: datetime

    @property
    def existing(self) -> int:
        """How many of the people were there when the campaign went live."""
        return sum(row["is_existing"] for row in self.people)

    def entrants(self, number: int) -> list[Row]:
        """Return the last people who entered the segment, newest first."""
        newest = sorted(self.people, key=lambda row: row["stripe_customer_id"])
        newest.sort(key=lambda row: row["entered_at"], reverse=True)
        return newest[:number]

    def person(self, person_id: str) -> Row | None:
        """Return a person's row, of the newest fact; None where they aren't in the segment."""
        theirs = [row for row in self.people if row["stripe_person_id"] == person_id]
        return max(theirs, key=lambda row: row["entered_at"], default=None)


def funnel_of(decisions: Decisions, failed: Collection[str]) -> Funnel:
    """Return the funnel of a campaign; `failed` are the keys of messages that don't fill in."""
    connection, campaign = decisions.connection, decisions.campaign
    connection.execute(script("gates", campaign.channel))
    found = connection.execute("select * from gates order by stripe_customer_id")
    names = [column[0] for column in found.description or ()]
    people = [_judged(dict(zip(names, row, strict=True)), failed) for row in found.fetchall()]
    members = connection.execute(*members_query(campaign.audience)).fetchall()
    steps = _steps(members, people, gates_of(campaign.audience))
    [(went_live,)] = connection.execute("select getvariable('went_live_at')").fetchall()
    return Funnel(steps, people, went_live.replace(tzinfo=UTC))


def members_query(audience: Audience) -> tuple[str, list[str | None]]:
    """Return the query of the customers that a campaign begins with, each with its unit."""
    return (_FACTS, []) if audience.trigger else (_MEMBERS, [audience.segment])


def gates_of(audience: Audience) -> list[str]:
    """Return the gates that a campaign has, in their order."""
    return [gate for gate in GATES if _ONLY_WHERE.get(gate, _always)(audience)]


def _always(_: Audience) -> bool:
    return True


def _judged(row: Row, failed: Collection[str]) -> Row:
    """Return a person's row, held where the template fails."""
    if row["message_key"] not in failed:
        return {**row, "fills_in": True}
    held = {"status": "held", "reason": TEMPLATE_FAILED, "is_due": False}
    return {**row, **held, "fills_in": False}


def _steps(members: list[tuple[str, str]], people: list[Row], gates: list[str]) -> list[Row]:
    """Return the steps; `members` are customers, each with its unit."""
    taken = {(row["stripe_customer_id"], row["unit"]) for row in people}
    others = [customer for customer, unit in members if (customer, unit) not in taken]
    steps = [_step("members", len(members), []), _step("person_once", len(people), others)]
    left = people
    for gate in gates:
        lost = [row["stripe_customer_id"] for row in left if not row[gate]]
        left = [row for row in left if row[gate]]
        steps.append(_step(gate, len(left), lost))
    return [*steps, _step("due", sum(row["is_due"] for row in people), [])]


def _step(name: str, left: int, lost: list[str]) -> Row:
    return {"step": name, "left": left, "lost": len(lost), "sample": lost[:SAMPLE]}
