"""Compile a segment's conditions into the parts of a query.

Each condition becomes a column `met_N`: true, false, or null where a value that it needs isn't
known. A customer is a member where the whole is true; so what isn't known never makes a member,
not even under `none`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stripe_pipeline.segments.definition import (
    Condition,
    FieldIs,
    Group,
    InList,
    InSegment,
    Leaves,
    Segment,
    Sql,
    said,
)
from stripe_pipeline.segments.facts import compile_fact
from stripe_pipeline.segments.lists import EMAIL
from stripe_pipeline.segments.literals import Q
from stripe_pipeline.segments.parts import Compiled, Leaf, Step, joined, with_values

# What a test takes of the clock, each a column, so that tests read columns alone.
_OF_CLOCK = {
    "today": "{{ date_from_as_of(0, 'day') }}",
    "now": "clock.as_of",
    "zone": "clock.reporting_timezone",
}


@dataclass(frozen=True)
class _Place:
    """Where a condition stands: whether every member meets it, and under how many `none`.

    Under an odd number of `none` it is `is_negated`, and a member doesn't meet it.
    """

    is_sure: bool = True
    is_negated: bool = False

    def within(self, group: Group) -> "_Place":
        """Return the place of a group's parts."""
        each_decides = (group.joint == "any") == self.is_negated or len(group.parts) == 1
        if group.joint == "none":
            each_decides = not self.is_negated or len(group.parts) == 1
        negated = self.is_negated != (group.joint == "none")
        return _Place(self.is_sure and each_decides, negated)

    def shown(self, sql: str, met: str) -> str:
        """Return a value for `why`: none where another condition decided."""
        if self.is_sure:
            return sql
        return f"case when {'not ' if self.is_negated else ''}{met} then {sql} end"


def compile_rule(rule: Group, others: Mapping[str, Segment]) -> Compiled:
    """Return the query's parts for the conditions of a segment; `others` are all segments."""
    compiler = _Compiler(Compiled(), others)
    compiler.compiled.where = list(compiler.combined(rule, _Place()))
    compiler.compiled.steps = list(_steps(rule, iter(compiler.compiled.leaves)))
    return compiler.compiled


def _steps(condition: Condition, leaves: Iterator[Leaf]) -> Iterator[Step]:
    """Yield the conditions that all members meet, those of nested groups of `all` one by one."""
    if isinstance(condition, Group) and condition.joint == "all":
        for part in condition.parts:
            yield from _steps(part, leaves)
        return
    label = f"{condition.joint} of: {said(condition)}" if isinstance(condition, Group) else ""
    yield Step(label or said(condition), tuple(_answers(condition, leaves)))


def _answers(condition: Condition, leaves: Iterator[Leaf]) -> Iterator[str]:
    if isinstance(condition, Group):
        parts = [list(_answers(part, leaves)) for part in condition.parts]
        yield from joined(condition.joint, parts)
    else:
        yield next(leaves).met


@dataclass(frozen=True)
class _Compiler:
    compiled: Compiled
    others: Mapping[str, Segment]

    def combined(self, condition: Condition, place: _Place) -> Iterator[str]:
        """Yield the lines of a condition, made of the columns of its parts' answers."""
        if isinstance(condition, Group):
            within = place.within(condition)
            parts = [list(self.combined(part, within)) for part in condition.parts]
            yield from joined(condition.joint, parts)
            return
        leaf = self._leaf(condition, f"met_{len(self.compiled.leaves) + 1}", place)
        self.compiled.leaves.append(leaf)
        yield leaf.met

    def _leaf(self, condition: Leaves, met: str, place: _Place) -> Leaf:
        if isinstance(condition, InSegment):
            name = f"{'not_in' if condition.is_negated else 'in'}_{condition.segment}"
            self.compiled.say(name, met)
            return Leaf(said(condition), condition.line, met, "\n".join(self._in(condition)))
        if isinstance(condition, InList):
            name = condition.list.file.removesuffix(".csv").replace(".", "_").replace("-", "_")
            self.compiled.say(f"{'not_in' if condition.is_negated else 'in'}_list_{name}", met)
            return Leaf(condition.label, condition.line, met, self._in_list(condition))
        if isinstance(condition, FieldIs):
            value, bounds, sql = self._field(condition)
            self._explain(condition, value, bounds, met, place)
            return Leaf(said(condition), condition.line, met, sql, value, tuple(bounds))
        is_explained = place == _Place()
        value, sql = compile_fact(self.compiled, condition, is_explained=is_explained)
        return Leaf(said(condition), condition.line, met, sql, value)

    def _field(self, condition: FieldIs) -> tuple[str, list[str], str]:
        """Return the columns of a field's value and of its bounds, and the test."""
        compiled, said = self.compiled, condition.comparison
        value = compiled.column("value", f"profiles.{condition.column}")
        sqls = [bound.sql.replace(Q, "profiles.") for bound in said.bounds]
        bounds = [compiled.column("bound", sql) for sql in sqls]
        compiled.needs_clock |= said.needs_clock or any(bound.needs_clock for bound in said.bounds)
        sql = self._placed(condition, said.condition) if said.top_percent else said.condition
        for prefix, part in _OF_CLOCK.items():
            if part in sql:
                sql = sql.replace(part, compiled.column(prefix, part))
        return value, bounds, with_values(sql, value, bounds)

    def _placed(self, condition: FieldIs, sql: str) -> str:
        """Put the place among all customers into a test; values above 0 count, ties in by id.

        While a customer's value lacks an exchange rate no one's place is known: the rate may put
        that customer before anyone.
        """
        column = condition.column
        ranked = self.compiled.relation(
            "ranked",
            " as (\n    select\n        stripe_customer_id,\n        row_number() over (\n"
            f"            order by\n                {column} desc,\n"
            "                stripe_customer_id asc\n        ) as place,\n"
            "        count(*) over () as buyers\n"
            f"    from {{{{ ref('customer_profiles') }}}}\n    where {column} > 0\n)",
            "left join {name}\n    on profiles.stripe_customer_id = {name}.stripe_customer_id",
        )
        place = self.compiled.column("place", f"{ranked}.place")
        buyers = self.compiled.column("buyers", f"{ranked}.buyers")
        unrated = self.compiled.relation(
            "unrated",
            " as (\n    select count(*) > 0 as is_lacking\n"
            f"    from {{{{ ref('unrated_fields') }}}}\n    where field = '{condition.column}'\n)",
            "cross join {name}",
        )
        lacking = self.compiled.column("lacking", f"{unrated}.is_lacking")
        decided = sql.replace("{place}", place).replace("{buyers}", buyers)
        is_known = f"not {lacking} and {{value}} is not null"
        return f"case\n    when {is_known}\n        then {decided}\nend"

    def _explain(
        self, condition: FieldIs, value: str, bounds: list[str], met: str, place: _Place
    ) -> None:
        """Add a value and its bounds to `why`."""
        said, name = condition.comparison, condition.value_as
        self.compiled.say(name, place.shown(value, met))
        if said.top_percent:
            self.compiled.say(f"{name}_top_percent", place.shown(said.top_percent, met))
        if said.is_told_by_value and not place.is_negated:
            return
        for bound, column in zip(said.bounds, bounds, strict=True):
            named = condition.bound_as or f"{name}_{bound.name}"
            self.compiled.say(named, place.shown(column, met))

    def _in(self, condition: InSegment) -> Iterator[str]:
        """Yield the test of another segment's rule, which may be unknown as this one may."""
        rule = self.others[condition.segment].rule
        self.compiled.mentions.add(condition.segment)
        inner = [self._member(condition.segment)] if isinstance(rule, Sql) else self._tests(rule)
        if condition.is_negated:
            inner = list(joined("none", [list(inner)]))
        yield from inner

    def _member(self, segment: str) -> str:
        """Return the test of a segment whose rule is SQL: it gives members alone."""
        alias = f"in_{segment}"
        join = (
            f"left join {{{{ ref('segment_{segment}') }}}} as {alias}\n"
            f"    on profiles.stripe_customer_id = {alias}.stripe_customer_id"
        )
        if join not in self.compiled.joins:
            self.compiled.joins.append(join)
        return self.compiled.column("member", f"{alias}.stripe_customer_id is not null")

    def _in_list(self, condition: InList) -> str:
        """Return the test of a list; who has no address isn't in a list of addresses."""
        listed = condition.list
        columns = ", ".join(f"'{name}': 'VARCHAR'" for name in listed.columns)
        key = "lower_ascii('trim(email)')" if listed.key == EMAIL else "'trim(stripe_customer_id)'"
        body = (
            f" as (\n    select distinct {{{{ {key} }}}} as entry\n"
            f"    from {{{{ segment_list('{listed.file}', {{{columns}}}) }}}}\n)"
        )
        join = f"left join {{name}}\n    on profiles.{listed.key} = {{name}}.entry"
        name = self.compiled.relation("list", body, join)
        member = self.compiled.column("listed", f"{name}.entry is not null")
        return f"not {member}" if condition.is_negated else member

    def _tests(self, condition: Condition) -> Iterator[str]:
        """Yield the lines of another segment's conditions, each with its test."""
        if isinstance(condition, Group):
            yield from joined(
                condition.joint, [list(self._tests(part)) for part in condition.parts]
            )
        elif isinstance(condition, InSegment):
            yield from self._in(condition)
        elif isinstance(condition, InList):
            yield self._in_list(condition)
        elif isinstance(condition, FieldIs):
            yield f"({self._field(condition)[2]})"
        else:
            yield f"({compile_fact(self.compiled, condition, is_explained=False)[1]})"
