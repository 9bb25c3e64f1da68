"""The sizes of segments, and who would enter and leave by the files as they are now."""

from collections.abc import Sequence
from dataclasses import dataclass

from stripe_pipeline.errors import UsageError
from stripe_pipeline.membership.asking import Asked, asking
from stripe_pipeline.segments.compiling import compile_rule
from stripe_pipeline.segments.definition import Segment, Sql
from stripe_pipeline.segments.model_files import ranked_fields_of
from stripe_pipeline.segments.models import model, query
from stripe_pipeline.values.near_miss import did_you_mean
from stripe_pipeline.warehouse.readers import Marts, Row


@dataclass(frozen=True)
class Step:
    """One condition on the way from all customers to members.

    `left` is how many meet it and all before it, `alone` how many meet it, and `unknown` of how
    many it isn't known.
    """

    condition: str
    left: int
    alone: int
    unknown: int


@dataclass(frozen=True)
class Change:
    """Who would enter and leave a segment; `undecided` are held for want of a rate."""

    segment: str
    members: int
    enter: list[Row]
    leave: list[Row]
    undecided: int


def chosen(segments: Sequence[Segment], name: str) -> Segment:
    """Return a segment by its name.

    Raises:
        UsageError: there is none of this name; the near miss is named.
    """
    for segment in segments:
        if segment.name == name:
            return segment
    named = ", ".join(each.name for each in segments)
    hint = did_you_mean(name, [each.name for each in segments])
    raise UsageError(f"There is no segment {name or 'without a name'}{hint}; there are {named}.")


def sizes(marts: Marts) -> dict[str, int]:
    """Return the number of published members of each segment that has any."""
    rows = marts.rows("segment_members", "select segment, count(*) as size from mart group by 1")
    return {row["segment"]: row["size"] for row in rows}


def funnel(asked: Asked, segment: Segment) -> list[Step]:
    """Return the way from all customers to members: a step for each condition that all must meet.

    A rule in SQL is one step.
    """
    everyone = asked.rows("select count(*) as size from {{ ref('customer_profiles') }}")[0]["size"]
    first = Step("all customers", everyone, everyone, 0)
    if isinstance(segment.rule, Sql):
        sql = f"select count(*) as size from (\n{model(segment, asked.segments)}\n)"
        size = asked.rows(sql)[0]["size"]
        return [first, Step("sql", size, size, 0)]
    compiled = compile_rule(segment.rule, asked.segments)
    counts, before = [], []
    for number, step in enumerate(compiled.steps):
        test = " ".join(step.lines)
        before.append(test)
        counts += [
            f"count(*) filter (where {' and '.join(before)}) as left_{number}",
            f"count(*) filter (where {test}) as alone_{number}",
            f"count(*) filter (where ({test}) is null) as unknown_{number}",
        ]
    if not counts:
        return [first]
    row = asked.rows(f"with {query(compiled)}\n\nselect {', '.join(counts)} from answered")[0]
    return [first] + [
        Step(step.label, row[f"left_{at}"], row[f"alone_{at}"], row[f"unknown_{at}"])
        for at, step in enumerate(compiled.steps)
    ]


# As int_undecided_members says it.
_UNDECIDED = """
    select unrated.stripe_customer_id
    from {{{{ ref('unrated_fields') }}}} as unrated
    where unrated.field in ({fields})
    union
    select customers.stripe_customer_id
    from {{{{ ref('customer_profiles') }}}} as customers
    where exists (
        select 1 from {{{{ ref('unrated_fields') }}}} as unrated where unrated.field in ({ranked})
    )
"""
_ENTER = """
with candidates as ({rule}),

held as ({held}),

members as (
    select stripe_customer_id from {{{{ ref('segment_members') }}}} where segment = '{name}'
)

select
    coalesce(candidates.stripe_customer_id, members.stripe_customer_id) as stripe_customer_id,
    profiles.full_name,
    members.stripe_customer_id is null as enters
from candidates
full join members on candidates.stripe_customer_id = members.stripe_customer_id
left join {{{{ ref('customer_profiles') }}}} as profiles
    on coalesce(candidates.stripe_customer_id, members.stripe_customer_id)
    = profiles.stripe_customer_id
where
    (candidates.stripe_customer_id is null or members.stripe_customer_id is null)
    and coalesce(candidates.stripe_customer_id, members.stripe_customer_id)
    not in (select stripe_customer_id from held)
order by 1
"""


def changes(
    marts: Marts, segments: Sequence[Segment], fields: dict[str, list[str]], name: str | None
) -> list[Change]:
    """Compare the files' rules with the published members, for one segment or for all.

    `fields` are the fields of a profile that each segment's rule names.

    Raises:
        UsageError: there is no segment of this name.
        PipelineError: a rule reads a table that isn't published.
    """
    wanted = [chosen(segments, name)] if name else list(segments)
    size = sizes(marts)
    with asking(marts, segments) as asked:
        found = [
            _change(asked, each, fields[each.name], size.get(each.name, 0))
            for each in wanted
            if each.is_enabled
        ]
    gone = [] if name else sorted(size.keys() - {each.name for each in segments})
    return found + [_removed(marts, each) for each in gone]


def _change(asked: Asked, segment: Segment, fields: list[str], members: int) -> Change:
    rule = "\n" + model(segment, asked.segments)
    ranked = ranked_fields_of(segment, asked.segments)
    undecided = _UNDECIDED.format(fields=_listed(fields), ranked=_listed(ranked))
    # The rule's own braces are Jinja's, and stay as they are: format reads the frame alone.
    rows = asked.rows(_ENTER.format(rule=rule, held=undecided, name=segment.name))
    held = asked.rows(f"select count(*) as held from ({undecided})")[0]["held"]
    enter = [_who(row) for row in rows if row["enters"]]
    return Change(
        segment.name, members, enter, [_who(row) for row in rows if not row["enters"]], held
    )


def _listed(fields: Sequence[str]) -> str:
    return ", ".join(f"'{field}'" for field in fields) or "''"


def _removed(marts: Marts, name: str) -> Change:
    rows = marts.rows(
        "segment_members",
        "select stripe_customer_id, null as full_name from mart where segment = ? order by 1",
        [name],
    )
    return Change(name, len(rows), [], rows, 0)


def _who(row: Row) -> Row:
    return {"stripe_customer_id": row["stripe_customer_id"], "full_name": row["full_name"]}
