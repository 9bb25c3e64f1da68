"""From a segment's members to the messages that are due: each step with its number and a sample."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from stripe_pipeline.activation.decisions import Decisions
from stripe_pipeline.activation.eligibility import TEMPLATE_FAILED, script

Row = dict[str, Any]
# The gates in the order in which the funnel counts them, each a column of gates.sql.
GATES = (
    "consented", "reachable", "not_suppressed", "rates_known", "first_at_address",
    "not_sent_before", "goal_not_met", "on_schedule", "fills_in",
)  # fmt: skip
SAMPLE = 3


@dataclass(frozen=True)
class Funnel:
    """The steps, and each person's gates.

    A step has `step`, `left` (people, of `members` customers), `lost`, and a `sample` of the
    customers that are lost at it. `people` has a row for each person: customer, gates, decision.
    """

    steps: list[Row]
    people: list[Row]

    def entrants(self, number: int) -> list[Row]:
        """Return the last people who entered the segment, newest first."""
        newest = sorted(self.people, key=lambda row: row["stripe_customer_id"])
        newest.sort(key=lambda row: row["entered_at"], reverse=True)
        return newest[:number]

    def person(self, person_id: str) -> Row | None:
        """Return a person's row; None where they aren't in the segment."""
        return next((row for row in self.people if row["stripe_person_id"] == person_id), None)


def funnel_of(decisions: Decisions, failed: Collection[str]) -> Funnel:
    """Return the funnel of a campaign; `failed` are the keys of messages that don't fill in."""
    connection, campaign = decisions.connection, decisions.campaign
    connection.execute(script("gates", campaign.channel))
    found = connection.execute("select * from gates order by stripe_customer_id")
    names = [column[0] for column in found.description or ()]
    people = [_judged(dict(zip(names, row, strict=True)), failed) for row in found.fetchall()]
    members = connection.execute(
        "select stripe_customer_id from segment_members semi join live_customers "
        "using (stripe_customer_id) where segment = ? order by stripe_customer_id",
        [campaign.segment],
    ).fetchall()
    return Funnel(_steps([row[0] for row in members], people), people)


def _judged(row: Row, failed: Collection[str]) -> Row:
    """Return a person's row, held where the template fails."""
    if row["message_key"] not in failed:
        return {**row, "fills_in": True}
    held = {"status": "held", "reason": TEMPLATE_FAILED, "is_due": False}
    return {**row, **held, "fills_in": False}


def _steps(members: list[str], people: list[Row]) -> list[Row]:
    taken = {row["stripe_customer_id"] for row in people}
    others = [customer for customer in members if customer not in taken]
    steps = [_step("members", len(members), []), _step("person_once", len(people), others)]
    left = people
    for gate in GATES:
        lost = [row["stripe_customer_id"] for row in left if not row[gate]]
        left = [row for row in left if row[gate]]
        steps.append(_step(gate, len(left), lost))
    return [*steps, _step("due", sum(row["is_due"] for row in people), [])]


def _step(name: str, left: int, lost: list[str]) -> Row:
    return {"step": name, "left": left, "lost": len(lost), "sample": lost[:SAMPLE]}
