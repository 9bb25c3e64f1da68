"""Why a customer is in a segment or isn't, condition by condition."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from stripe_pipeline.membership.asking import Asked
from stripe_pipeline.segments.compiling import compile_rule
from stripe_pipeline.segments.definition import Condition, Group, Joint, Segment, Sql
from stripe_pipeline.segments.models import query
from stripe_pipeline.segments.parts import Leaf

Answer = bool | None


@dataclass(frozen=True)
class Answered:
    """A condition with its answer for a customer; None where what it needs isn't known.

    A group has `parts`, anything else the value that it looked at and the bounds.
    """

    said: str
    is_met: Answer
    value: Any = None
    bounds: list[Any] = field(default_factory=list)
    parts: list["Answered"] = field(default_factory=list)


def answers(asked: Asked, segment: Segment, customer_id: str) -> Answered | None:
    """Return the conditions of a segment with their answers; None where its rule is SQL.

    Raises:
        PipelineError: the rule reads a table that isn't published.
    """
    if isinstance(segment.rule, Sql):
        return None
    compiled = compile_rule(segment.rule, asked.segments)
    sql = f"with {query(compiled)}\n\nselect * from answered where stripe_customer_id = ?"
    rows = asked.rows(sql, [customer_id])
    return _answered(segment.rule, iter(compiled.leaves), rows[0]) if rows else None


def _answered(condition: Condition, leaves: Iterator[Leaf], row: Mapping[str, Any]) -> Answered:
    """Answer a condition, whose leaves come in the order in which they were compiled."""
    if isinstance(condition, Group):
        parts = [_answered(part, leaves, row) for part in condition.parts]
        met = combined(condition.joint, [part.is_met for part in parts])
        return Answered(f"{condition.joint} of these", met, parts=parts)
    leaf = next(leaves)
    value = row[leaf.value] if leaf.value else None
    return Answered(leaf.label, row[leaf.met], value, [row[bound] for bound in leaf.bounds])


def combined(joint: Joint, parts: list[Answer]) -> Answer:
    """Return whether all, any or none of some answers are yes; None where it isn't known."""
    if joint == "all":
        return False if False in parts else None if None in parts else True
    found = True if True in parts else None if None in parts else False
    return found if joint == "any" or found is None else not found


def to_change(answered: Answered) -> Iterator[str]:
    """Yield what would have to be otherwise for the customer to be in."""
    for part in answered.parts:
        if part.is_met is True:
            continue
        if not part.parts:
            yield part.said if part.is_met is False else f"{part.said} (not known)"
        elif part.said.startswith("all"):
            yield from to_change(part)
        else:
            said = "; ".join(each.said for each in part.parts)
            yield f"{part.said.split()[0]} of: {said}"
