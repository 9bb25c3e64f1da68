"""Explain whether and why a customer is in a segment, from the values that decided it.

Without an exchange rate it may be undecided: then the customer stays in or out as before.
"""

import sys
from typing import Any

import typer

from stripe_pipeline.errors import UsageError
from stripe_pipeline.profiles.profile import find_profile
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.readers import Marts, as_text, description, from_json, to_json


def explanation(settings: Settings, segment: str, customer_id: str) -> dict[str, Any]:
    """Return whether a customer is in a segment, its rule, the deciding values and former stays.

    `undecided_for` are the fields that lack an exchange rate, where that leaves it undecided.

    Raises:
        UsageError: there is no such segment.
        PipelineError: nothing is published yet, or there is no such profile.
    """
    from stripe_pipeline.activation.contract import load_contract

    known = load_contract().segments
    if segment not in known:
        named = ", ".join(sorted(known))
        raise UsageError(f"There is no segment {segment or 'without a name'}; there are {named}.")
    marts = Marts(settings)
    find_profile(marts, customer_id)
    one = "from mart where segment = ? and stripe_customer_id = ?"
    members = marts.rows("segment_members", one, [segment, customer_id])
    undecided = marts.rows("undecided_members", one, [segment, customer_id])
    return {
        "segment": segment,
        "stripe_customer_id": customer_id,
        "is_member": bool(members),
        "rule": " ".join(description(settings, f"segment_{segment}").split()),
        "why": from_json(members[0]["why"]) if members else None,
        "undecided_for": undecided[0]["fields"] if undecided else None,
        "stays": marts.rows(
            "segment_history",
            "select entered_at, left_at " + one + " order by entered_at",
            [segment, customer_id],
        ),
    }


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
            f"That is as before, and can't be decided now: {', '.join(lacking)} lacks an exchange "
            "rate, which `stripe-pipeline rates import` or `rates template` gets."
        )
    for name, value in ({} if lacking else found["why"] or {}).items():
        typer.echo(f"  {name}: {as_text(value)}")
    for stay in found["stays"]:
        left = as_text(stay["left_at"]) or "now"
        typer.echo(f"In it from {as_text(stay['entered_at'])} to {left} (UTC).")
