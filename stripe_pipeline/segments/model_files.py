"""The dbt models that segment files become: one a segment, and those that read all of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from stripe_pipeline.segments.definition import Condition, Segment, Sql, ranked_fields
from stripe_pipeline.segments.definition import profile_fields as named_fields
from stripe_pipeline.segments.descriptions import INTERMEDIATES, marts_yml, yml
from stripe_pipeline.segments.models import model

# Their place below the folder that dbt reads, which says their schema and group.
MARTS = "marts/segments"
INTERMEDIATE = "intermediate/segments"
_INDENT = "    "
_NO_TEXT = "cast(null as varchar)"
_NO_TRUTH = "cast(null as boolean)"


def model_files(segments: Sequence[Segment]) -> dict[str, str]:
    """Return the text of each file to write, by its path below dbt's folder."""
    by_name = {segment.name: segment for segment in segments}
    fields = {segment.name: fields_of(segment, by_name) for segment in segments}
    ranked = {segment.name: ranked_fields_of(segment, by_name) for segment in segments}
    texts = {name: model(each, by_name) for name, each in by_name.items()}
    files = {f"{MARTS}/segment_{name}.sql": text for name, text in texts.items()}
    return files | {
        f"{MARTS}/segment_candidates.sql": _candidates(segments),
        f"{MARTS}/_compiled__models.yml": marts_yml(segments, fields, texts),
        f"{INTERMEDIATE}/int_segments.sql": _all_segments(segments),
        f"{INTERMEDIATE}/int_segment_fields.sql": _all_fields(segments, fields, ranked),
        f"{INTERMEDIATE}/_compiled__models.yml": yml(INTERMEDIATES),
    }


def fields_of(segment: Segment, segments: Mapping[str, Segment]) -> list[str]:
    """Return the fields of a profile that decide, those of the segments that it names included."""
    return sorted(_fields(segment, segments, named_fields))


def ranked_fields_of(segment: Segment, segments: Mapping[str, Segment]) -> list[str]:
    """Return those by which customers are compared with all others, of named segments as well.

    A rule in SQL doesn't say whether it compares.
    """
    return sorted(_fields(segment, segments, ranked_fields))


def _fields(
    segment: Segment,
    segments: Mapping[str, Segment],
    named: Callable[[Condition], Iterator[str]],
) -> set[str]:
    if isinstance(segment.rule, Sql):
        return set(segment.rule.fields) if named is named_fields else set()
    own = set(named(segment.rule))
    return own.union(*(_fields(segments[name], segments, named) for name in segment.segments))


def _candidates(segments: Sequence[Segment]) -> str:
    """Return the model of who satisfies which rule."""
    rows = [
        f"select\n{_INDENT}'{each.name}' as segment,\n{_INDENT}stripe_customer_id,\n{_INDENT}why\n"
        f"from {{{{ ref('segment_{each.name}') }}}}\n"
        for each in segments if each.is_enabled
    ]  # fmt: skip
    empty = (
        f"select\n{_INDENT}{_NO_TEXT} as segment,\n{_INDENT}{_NO_TEXT} as stripe_customer_id,\n"
        f"{_INDENT}{_NO_TEXT} as why\nfrom {{{{ ref('run_clock') }}}}\nwhere false\n"
    )
    return "-- Written from the segment files.\n" + ("\nunion all\n\n".join(rows) or empty)


def _all_segments(segments: Sequence[Segment]) -> str:
    rows = [
        {"segment": f"'{each.name}'", "is_enabled": "true" if each.is_enabled else "false"}
        for each in segments
    ]
    return _rows(rows, {"segment": _NO_TEXT, "is_enabled": _NO_TRUTH})


def _all_fields(
    segments: Sequence[Segment],
    fields: Mapping[str, list[str]],
    ranked: Mapping[str, list[str]],
) -> str:
    rows = [
        {
            "segment": f"'{each.name}'",
            "field": f"'{field}'",
            "is_ranked": "true" if field in ranked[each.name] else "false",
        }
        for each in segments
        if each.is_enabled
        for field in fields[each.name]
    ]
    return _rows(rows, {"segment": _NO_TEXT, "field": _NO_TEXT, "is_ranked": _NO_TRUTH})


def _rows(rows: Sequence[Mapping[str, str]], empty: Mapping[str, str]) -> str:
    """Return a query of these rows, column by column; `empty` is one that is left out."""
    texts = "\nunion all\n\n".join(_select(row) for row in rows)
    return "-- Written from the segment files.\n" + (texts or f"{_select(empty)}where false\n")


def _select(row: Mapping[str, str]) -> str:
    columns = ",\n".join(f"{_INDENT}{sql} as {name}" for name, sql in row.items())
    return f"select\n{columns}\n"
