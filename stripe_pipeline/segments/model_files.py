"""The dbt models that segment files become: one a segment, and those that read all of them."""

from collections.abc import Mapping, Sequence

from stripe_pipeline.segments.definition import Segment, Sql
from stripe_pipeline.segments.definition import profile_fields as named_fields
from stripe_pipeline.segments.descriptions import INTERMEDIATES, marts_yml, yml
from stripe_pipeline.segments.models import model

# Their place below the folder that dbt reads, which says their schema and group.
MARTS = "marts/segments"
INTERMEDIATE = "intermediate/segments"
_INDENT = "    "
_NO_TEXT = "cast(null as varchar)"


def model_files(segments: Sequence[Segment]) -> dict[str, str]:
    """Return the text of each file to write, by its path below dbt's folder."""
    by_name = {segment.name: segment for segment in segments}
    fields = {segment.name: fields_of(segment, by_name) for segment in segments}
    texts = {name: model(each, by_name) for name, each in by_name.items()}
    files = {f"{MARTS}/segment_{name}.sql": text for name, text in texts.items()}
    return files | {
        f"{MARTS}/segment_candidates.sql": _candidates(segments),
        f"{MARTS}/_compiled__models.yml": marts_yml(segments, fields, texts),
        f"{INTERMEDIATE}/int_segments.sql": _all_segments(segments),
        f"{INTERMEDIATE}/int_segment_fields.sql": _all_fields(segments, fields),
        f"{INTERMEDIATE}/_compiled__models.yml": yml(INTERMEDIATES),
    }


def fields_of(segment: Segment, segments: Mapping[str, Segment]) -> list[str]:
    """Return the fields of a profile that decide, those of the segments that it names included."""
    if isinstance(segment.rule, Sql):
        return sorted(segment.rule.fields)
    own = set(named_fields(segment.rule))
    for name in segment.segments:
        own |= set(fields_of(segments[name], segments))
    return sorted(own)


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
    rows = [(each.name, "true" if each.is_enabled else "false") for each in segments]
    return _rows("segment", "is_enabled", rows, "cast(null as boolean)")


def _all_fields(segments: Sequence[Segment], fields: Mapping[str, list[str]]) -> str:
    rows = [
        (each.name, f"'{field}'")
        for each in segments
        if each.is_enabled
        for field in fields[each.name]
    ]
    return _rows("segment", "field", rows, _NO_TEXT)


def _rows(key: str, value: str, rows: list[tuple[str, str]], empty: str) -> str:
    selects = [
        f"select\n{_INDENT}'{name}' as {key},\n{_INDENT}{sql} as {value}\n" for name, sql in rows
    ]
    none = f"select\n{_INDENT}{_NO_TEXT} as {key},\n{_INDENT}{empty} as {value}\nwhere false\n"
    return "-- Written from the segment files.\n" + ("\nunion all\n\n".join(selects) or none)
