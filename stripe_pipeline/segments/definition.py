"""A segment as its file says it: conditions on profiles, facts, other segments and lists."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from stripe_pipeline.segments.fields import Fact
from stripe_pipeline.segments.lists import EMAIL, StaticList
from stripe_pipeline.segments.patterns import Comparison

Joint = Literal["all", "any", "none"]


@dataclass(frozen=True)
class FieldIs:
    """A sentence about a column; `value_as` and `bound_as` are its names in `why`."""

    line: int
    column: str
    sentence: str
    comparison: Comparison
    value_as: str
    bound_as: str | None = None

    @property
    def label(self) -> str:
        """The condition as the file says it."""
        return f"{self.column}: {self.sentence}"

    @property
    def fields(self) -> Iterator[str]:
        """The columns that decide."""
        yield self.column
        if self.comparison.field:
            yield self.comparison.field


@dataclass(frozen=True)
class HasFact:
    """How many rows of a fact meet conditions: `count` compares their number."""

    line: int
    label: str
    fact: Fact
    operator: Literal[">=", "<=", "="]
    number: int
    where: "Group"


@dataclass(frozen=True)
class InSegment:
    """Whether the customer is in another segment."""

    line: int
    segment: str
    is_negated: bool

    @property
    def label(self) -> str:
        """The condition as the file says it."""
        return f"{'not in' if self.is_negated else 'in'}: {self.segment}"


@dataclass(frozen=True)
class InList:
    """Whether the customer is in a static list."""

    line: int
    list: StaticList
    is_negated: bool

    @property
    def label(self) -> str:
        """The condition as the file says it."""
        return f"{'not in' if self.is_negated else 'in'}: {self.list.file}"


@dataclass(frozen=True)
class Group:
    """Conditions that all, any or none of must be met."""

    line: int
    joint: Joint
    parts: Sequence["Condition"]


Leaves: TypeAlias = FieldIs | HasFact | InSegment | InList
Condition: TypeAlias = Leaves | Group


@dataclass(frozen=True)
class Sql:
    """A rule written in SQL, with the fields of a profile that it reads."""

    line: int
    text: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Example:
    """A customer for a test: their profile, rows of facts, and whether the segment has them."""

    is_in: bool
    profile: dict[str, Any]
    facts: dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Segment:
    """One segment file."""

    name: str
    path: Path
    meaning: str
    owner: str
    is_enabled: bool
    rule: Group | Sql
    examples: tuple[Example, ...] = ()
    examples_as_of: str | None = None
    segments: frozenset[str] = field(default_factory=frozenset)


def leaves(condition: Condition) -> Iterator[Leaves]:
    """Yield the conditions that aren't groups, in their order; those within a fact aren't."""
    if not isinstance(condition, Group):
        yield condition
        return
    for part in condition.parts:
        yield from leaves(part)


def profile_fields(condition: Condition) -> Iterator[str]:
    """Yield the fields of a profile that conditions name."""
    for leaf in leaves(condition):
        if isinstance(leaf, FieldIs):
            yield from leaf.fields
        elif isinstance(leaf, InList) and leaf.list.key == EMAIL:
            yield EMAIL


def ranked_fields(condition: Condition) -> Iterator[str]:
    """Yield the fields of a profile by which conditions compare a customer with all others."""
    for leaf in leaves(condition):
        if isinstance(leaf, FieldIs) and leaf.comparison.top_percent:
            yield leaf.column


def said(condition: Condition) -> str:
    """Return a condition in one line."""
    if isinstance(condition, Group):
        return "; ".join(said(part) for part in condition.parts)
    if isinstance(condition, HasFact) and condition.where.parts:
        return f"{condition.label} ({said(condition.where)})"
    return condition.label
