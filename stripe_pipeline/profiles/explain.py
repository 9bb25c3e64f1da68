"""Explain whether and why a customer is in a segment, from the values that decided it.

Without an exchange rate it may be undecided: then the customer stays in or out as before.
"""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import typer

from stripe_pipeline.membership.answers import answers, to_change
from stripe_pipeline.membership.asking import asking
from stripe_pipeline.membership.changes import chosen
from stripe_pipeline.profiles.profile import find_profile
from stripe_pipeline.segments.definition import Sql
from stripe_pipeline.segments.files import load_segments
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.readers import Marts, as_text, from_json, to_json


def explanation(settings: Settings, segment: str, customer_id: str) -> dict[str, Any]:
    """Return whether a customer is in a segment, its rule, the deciding values and former stays.

    `conditions` are those of the file as it is now, each with its answer, and `to_change` what
    would have to be otherwise for the customer to be in. A rule that
    `is_sql` has no conditions. `undecided_for` are the fields that lack
    an exchange rate, where that leaves it undecided, and `undecided_by_others` those of them that
    other customers lack it for, with whom the rule compares this one.

    Raises:
        UsageError: there is no such segment, or segment files can't be used.
        PipelineError: nothing is published yet, or there is no such profile.
    """
    segments = load_segments(settings.segments, settings.metadata_columns)
    chosen(segments, segment)
    marts = Marts(settings)
    find_profile(marts, customer_id)
    with asking(marts, segments) as asked:
        found = answers(asked, asked.segments[segment], customer_id)
    one = "from mart where segment = ? and stripe_customer_id = ?"
    members = marts.rows("segment_members", one, [segment, customer_id])
    undecided = _undecided_for(marts, segment, customer_id)
    return {
        "segment": segment,
        "stripe_customer_id": customer_id,
        "is_member": bool(members),
        "is_enabled": asked.segments[segment].is_enabled,
        "rule": asked.segments[segment].meaning,
        "why": from_json(members[0]["why"]) if members else None,
        "undecided_for": [*undecided] or None,
        "undecided_by_others": [field for field, is_own in undecided.items() if not is_own],
        "is_sql": isinstance(asked.segments[segment].rule, Sql),
        "conditions": asdict(found) if found else None,
        "to_change": [*to_change(found)] if found and not members else [],
        "stays": marts.rows(
            "segment_history",
            "select entered_at, left_at " + one + " order by entered_at",
            [segment, customer_id],
        ),
    }


def _undecided_for(marts: Marts, segment: str, customer_id: str) -> dict[str, bool]:
    """Return the fields that lack an exchange rate, each with whether it is the customer's own."""
    found = marts.rows(
        "undecided_members",
        "select fields from mart where segment = ? and stripe_customer_id = ?",
        [segment, customer_id],
    )
    lacking = marts.rows(
        "unrated_fields", "select field from mart where stripe_customer_id = ?", [customer_id]
    )
    own = {row["field"] for row in lacking}
    return {field: field in own for row in found for field in row["fields"]}


def print_explanation(settings: Settings, segment: str, customer_id: str, *, as_json: bool) -> None:
    """Print an explanation as lines, or as JSON."""
    found = explanation(settings, segment, customer_id)
    if as_json:
        sys.stdout.write(to_json(found) + "\n")
        return
    typer.echo(f"{customer_id} is {'' if found['is_member'] else 'not '}in {segment}.")
    if found["rule"]:
        typer.echo(f"The rule: {found['rule']}")
    if lacking := found["undecided_for"]:
        typer.echo(
            f"That is as before, and can't be decided now: {_lacking(found)}, which "
            "`stripe-pipeline rates import` or `rates template` gets."
        )
    for name, value in ({} if lacking else found["why"] or {}).items():
        typer.echo(f"  {name}: {as_text(value)}")
    _print_conditions(found)
    if not lacking and found["to_change"]:
        typer.echo(f"To be in it, this would have to be so: {'; '.join(found['to_change'])}.")
    for stay in found["stays"]:
        left = as_text(stay["left_at"]) or "now"
        typer.echo(f"In it from {as_text(stay['entered_at'])} to {left} (UTC).")


def _lacking(found: dict[str, Any]) -> str:
    """Return which fields lack an exchange rate, and whose."""
    others = found["undecided_by_others"]
    own = [field for field in found["undecided_for"] if field not in others]
    whose = [(own, ""), (others, " of other customers")]
    return " and ".join(
        f"{', '.join(fields)}{of} lacks an exchange rate" for fields, of in whose if fields
    )


def _print_conditions(found: dict[str, Any]) -> None:
    """Print each condition with its answer, value and bounds; times are UTC."""
    conditions = found["conditions"]
    if found["is_sql"]:
        typer.echo(
            "The rule is written in SQL, so there are no conditions to answer one by one: what it "
            "means stands above, and the query in the segment's file."
        )
    if not conditions:
        return
    typer.echo("Its conditions:")
    for line in _lines(conditions, depth=0):
        typer.echo(f"  {line}")
    if not found["is_enabled"]:
        typer.echo("The segment is disabled: no one enters or leaves it.")
    elif not found["undecided_for"] and bool(conditions["is_met"]) is not found["is_member"]:
        verb = "let in" if conditions["is_met"] else "put out"
        typer.echo(f"By the segment's file as it is now, the next run would {verb} this customer.")


def _lines(condition: dict[str, Any], depth: int) -> Iterator[str]:
    if len(condition["parts"]) == 1 and not condition["said"].startswith("none"):
        yield from _lines(condition["parts"][0], depth)
        return
    mark = {True: "yes", False: "no", None: "unknown"}[condition["is_met"]]
    value = as_text(condition["value"])
    bounds = ", ".join(as_text(bound) for bound in condition["bounds"])
    told = ", ".join(
        filter(None, [value and f"it is {value}", bounds and f"the bound is {bounds}"])
    )
    yield f"{mark:<8}{'  ' * depth}{condition['said']}" + (f" ({told})" if told else "")
    for part in condition["parts"]:
        yield from _lines(part, depth + 1)
