"""Compile a condition on facts: how many rows of a mart, such as a customer's orders, meet others.

A row that isn't known to meet them or not counts neither way; where it could decide, the condition
isn't known either. So it is where the key may not read the rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from stripe_pipeline.segments.definition import Condition, FieldIs, Group, HasFact
from stripe_pipeline.segments.fields import Fact
from stripe_pipeline.segments.literals import Q
from stripe_pipeline.segments.parts import INDENT, Compiled, joined, with_values


def compile_fact(compiled: Compiled, condition: HasFact, *, is_explained: bool) -> tuple[str, str]:
    """Return the column with the number of rows that surely meet the conditions, and the test."""
    number = sum(cte.startswith("rows_") for cte in compiled.ctes) + 1
    query = _FactQuery(compiled, number, is_explained=is_explained and condition.operator == ">=")
    lines = list(query.combined(condition.where, is_sure=True))
    compiled.ctes += [query.rows(condition, lines), query.counts()]
    compiled.joins.append(
        f"left join counts_{number}\n"
        f"    on profiles.stripe_customer_id = counts_{number}.stripe_customer_id"
    )
    sure = compiled.column("sure", f"coalesce(counts_{number}.sure, 0)")
    unsure = compiled.column("unsure", _unsure(condition.fact, f"counts_{number}"))
    if query.is_explained and (condition.number != 1):
        compiled.say(condition.fact.plural.replace(" ", "_"), sure)
    return sure, _counted(condition, sure, unsure)


def _unsure(fact: Fact, counts: str) -> str:
    """Return the number of rows that aren't known to be meant; null where it may be any number."""
    unsure = f"coalesce({counts}.unsure, 0)"
    if fact.counted_in is None:
        return unsure
    return f"case when profiles.{fact.counted_in} is not null then {unsure} end"


def _counted(condition: HasFact, sure: str, unsure: str) -> str:
    """Return the comparison of a number of rows; null where rows that aren't known decide it."""
    least, most = sure, f"{sure} + {unsure}"
    if condition.operator == ">=":
        true, false = f"{least} >= {condition.number}", f"{most} < {condition.number}"
    elif condition.operator == "<=":
        true, false = f"{most} <= {condition.number}", f"{least} > {condition.number}"
    elif condition.number == 0:
        true, false = f"{most} = 0", f"{least} > 0"
    else:
        true = f"{least} = {condition.number} and {unsure} = 0"
        false = f"{least} > {condition.number} or {most} < {condition.number}"
    return f"case\n    when {true} then true\n    when {false} then false\nend"


@dataclass
class _FactQuery:
    """The rows of one fact: which meet the conditions, and what `why` says of those that do."""

    compiled: Compiled
    number: int
    is_explained: bool
    needs_clock: bool = False
    shown: dict[str, str] = field(default_factory=dict)

    def combined(self, condition: Condition, *, is_sure: bool) -> Iterator[str]:
        """Yield the lines of the conditions on a row."""
        if isinstance(condition, Group):
            sure = is_sure and condition.joint == "all"
            parts = [list(self.combined(part, is_sure=sure)) for part in condition.parts]
            yield from joined(condition.joint, parts)
            return
        assert isinstance(condition, FieldIs)
        said = condition.comparison
        bounds = [bound.sql.replace(Q, "facts.") for bound in said.bounds]
        self.needs_clock |= said.needs_clock or any(bound.needs_clock for bound in said.bounds)
        if is_sure and self.is_explained and not said.is_told_by_value and said.bounds:
            self._show(condition, bounds)
        # Of the form's two tests, not of its values: a text of the file may have an " and " itself.
        tests = said.condition.split(" and {value}")
        forms = [tests[0], *("{value}" + test for test in tests[1:])]
        column = f"facts.{condition.column}"
        yield from joined("all", [[with_values(form, column, bounds)] for form in forms])

    def _show(self, condition: FieldIs, bounds: list[str]) -> None:
        """Let `why` say the least value of the rows that meet the conditions, and the bound."""
        name = f"least_{len(self.shown) + 1}"
        self.shown[name] = f"facts.{condition.column}"
        value = self.compiled.column("value", f"counts_{self.number}.{name}")
        self.compiled.say(condition.value_as, value)
        for said, sql in zip(condition.comparison.bounds, bounds, strict=True):
            if "facts." not in sql:
                bound = self.compiled.column("bound", sql)
                self.compiled.needs_clock |= said.needs_clock
                named = condition.bound_as or f"{condition.value_as}_{said.name}"
                self.compiled.say(named, bound)

    def rows(self, condition: HasFact, lines: list[str]) -> str:
        """Return the query of the fact's rows, each with whether it is meant."""
        columns = ["facts.stripe_customer_id", *(
            f"{sql} as {name}" for name, sql in self.shown.items()
        )]  # fmt: skip
        nested = "\n".join(INDENT * 2 + line for line in lines)
        if len(lines) > 1 and lines[0] == "(":
            meant = "\n".join(INDENT * 2 + line for line in lines) + " as is_meant"
        else:
            meant = f"{nested} as is_meant"
        clock = f"\n{INDENT}cross join {{{{ ref('run_clock') }}}} as clock"
        selected = "".join(f"{INDENT * 2}{column},\n" for column in columns)
        kept = ["facts.stripe_customer_id is not null"]
        kept += [condition.fact.only] if condition.fact.only else []
        where = f"\n{INDENT * 2}and ".join(kept)
        where = f" {kept[0]}" if len(kept) == 1 else f"\n{INDENT * 2}{where}"
        return (
            f"rows_{self.number} as (\n{INDENT}select\n{selected}{meant}\n"
            f"{INDENT}from {{{{ ref('{condition.fact.mart}') }}}} as facts"
            f"{clock if self.needs_clock else ''}\n{INDENT}where{where}\n)"
        )

    def counts(self) -> str:
        """Return the query that counts them for each customer."""
        shown = "".join(
            f",\n{INDENT * 2}min({name}) filter (where is_meant) as {name}" for name in self.shown
        )
        return (
            f"counts_{self.number} as (\n{INDENT}select\n{INDENT * 2}stripe_customer_id,\n"
            f"{INDENT * 2}count(*) filter (where is_meant) as sure,\n"
            f"{INDENT * 2}count(*) filter (where is_meant is null) as unsure{shown}\n"
            f"{INDENT}from rows_{self.number}\n{INDENT}group by stripe_customer_id\n)"
        )
