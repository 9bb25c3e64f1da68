"""A segment as a dbt model."""

from collections.abc import Iterator, Mapping

from stripe_pipeline.segments.compiling import compile_rule
from stripe_pipeline.segments.definition import Segment, Sql
from stripe_pipeline.segments.parts import Compiled

_INDENT = "    "


def model(segment: Segment, others: Mapping[str, Segment]) -> str:
    """Return the model of a segment: its members, and what decided; `others` are all segments."""
    head = f"-- Written from {segment.path.name}, which is the file to change.\n"
    if isinstance(segment.rule, Sql):
        return f"{head}{segment.rule.text.rstrip().rstrip(';')}\n"
    compiled = compile_rule(segment.rule, others)
    head += "".join(
        f"-- depends_on: {{{{ ref('segment_{name}') }}}}\n" for name in sorted(compiled.mentions)
    )
    where = "\n".join(_where(compiled.where))
    return (
        f"{head}with {query(compiled)}\n\nselect\n{_INDENT}stripe_customer_id,\n"
        f"{_why(compiled)}\nfrom answered\n{where}\n"
    )


def query(compiled: Compiled) -> str:
    """Return the queries `asked` and `answered`: a row a customer, with each condition's answer."""
    clock = ["cross join {{ ref('run_clock') }} as clock"] if compiled.needs_clock else []
    joins = "\n".join([*clock, *compiled.joins])
    columns = ",\n".join(
        [
            "profiles.stripe_customer_id",
            *(f"{sql} as {name}" for name, sql in compiled.columns.items()),
        ]
    )
    met = (
        ",\n".join(f"{leaf.condition} as {leaf.met}" for leaf in compiled.leaves) or "1 as nothing"
    )
    asked = (
        f"asked as (\n{_INDENT}select\n{_indented(columns, 2)}\n"
        f"{_INDENT}from {{{{ ref('customer_profiles') }}}} as profiles\n"
        + (f"{_indented(joins, 1)}\n" if joins else "")
        + ")"
    )
    answered = (
        f"answered as (\n{_INDENT}select\n{_INDENT * 2}asked.*,\n{_indented(met, 2)}\n"
        f"{_INDENT}from asked\n)"
    )
    return ",\n\n".join([*compiled.ctes, asked, answered])


def _where(lines: list[str]) -> Iterator[str]:
    """Yield the where clause; the outermost brackets of `all` aren't needed."""
    if lines[0] == "(" and lines[-1] == ")" and not any(
        line.startswith("    or ") for line in lines[1:-1]
    ):  # fmt: skip
        lines = [line.removeprefix(_INDENT) for line in lines[1:-1]]
    if len(lines) == 1:
        yield f"where {lines[0]}"
        return
    yield "where"
    yield from (_INDENT + line for line in lines)


def _why(compiled: Compiled) -> str:
    pairs = "".join(f"{_INDENT * 2}'{name}': '{sql}',\n" for name, sql in compiled.why.items())
    return f"{_INDENT}{{{{ json_text({{\n{pairs}{_INDENT}}}) }}}} as why"


def _indented(text: str, depth: int) -> str:
    return "\n".join(_INDENT * depth + line for line in text.split("\n"))
