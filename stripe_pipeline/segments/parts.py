"""The parts of a segment's query, and how conditions combine in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from stripe_pipeline.segments.definition import Joint

INDENT = "    "


@dataclass(frozen=True)
class Leaf:
    """One condition as columns of the query: whether it is met, its value and its bounds."""

    label: str
    line: int
    met: str
    condition: str
    value: str | None = None
    bounds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """A condition that every member meets, and the lines that combine its answers."""

    label: str
    lines: tuple[str, ...]


@dataclass
class Compiled:
    """The parts of a query: columns to compute, relations to join, and how conditions combine."""

    columns: dict[str, str] = field(default_factory=dict)
    leaves: list[Leaf] = field(default_factory=list)
    why: dict[str, str] = field(default_factory=dict)
    ctes: list[str] = field(default_factory=list)
    joins: list[str] = field(default_factory=list)
    where: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    mentions: set[str] = field(default_factory=set)
    needs_clock: bool = False

    def column(self, prefix: str, sql: str) -> str:
        """Return the name of the column with this SQL; the same SQL is one column."""
        for name, known in self.columns.items():
            if known == sql:
                return name
        count = sum(name.startswith(prefix) for name in self.columns)
        name = f"{prefix}_{count + 1}"
        self.columns[name] = sql
        return name

    def relation(self, prefix: str, body: str, join: str) -> str:
        """Return the name of the joined query with this body, which stands for `{name}` in `join`.

        The same body is one query.
        """
        for at, cte in enumerate(self.ctes, 1):
            if cte == f"{prefix}_{at}{body}":
                return f"{prefix}_{at}"
        name = f"{prefix}_{len(self.ctes) + 1}"
        self.ctes.append(f"{name}{body}")
        self.joins.append(join.format(name=name))
        return name

    def say(self, name: str, sql: str) -> None:
        """Add a value to `why`; a name that is taken by another value gets a number."""
        free, number = name, 2
        while self.why.get(free, sql) != sql:
            free, number = f"{name}_{number}", number + 1
        self.why[free] = sql


def joined(joint: Joint, parts: list[list[str]]) -> Iterator[str]:
    """Yield the lines of parts that are combined; without any, all and none are true."""
    if not parts:
        yield "false" if joint == "any" else "true"
        return
    if len(parts) == 1 and joint != "none":
        yield from parts[0]
        return
    word = "and" if joint == "all" else "or"
    yield "not(" if joint == "none" else "("
    for number, part in enumerate(parts):
        first, *others = part
        yield INDENT + (f"{word} {first}" if number else first)
        yield from (INDENT + line for line in others)
    yield ")"


def with_values(condition: str, value: str, bounds: list[str]) -> str:
    """Return a comparison with the SQL of its value and bounds in it."""
    for number, bound in reversed(list(enumerate(bounds, 1))):
        condition = condition.replace("{bound}" if number == 1 else f"{{bound_{number}}}", bound)
    return condition.replace("{value}", value)
