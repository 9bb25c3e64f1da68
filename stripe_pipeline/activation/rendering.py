"""Render a campaign's messages; one whose template fails is held without stopping the others.

A template that passes the check before a run is expected to work for everyone. If one fails for a
customer all the same, that message is held with the reason `template_failed` and is tried again by
the next export.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from stripe_pipeline.activation.campaigns import Campaign
from stripe_pipeline.activation.eligibility import ADDRESS_COLUMN, TEMPLATE_FAILED
from stripe_pipeline.activation.templates import Template, TemplateError
from stripe_pipeline.settings import Settings
from stripe_pipeline.values.dates import day_in

Message = dict[str, Any]


@dataclass(frozen=True)
class Rendered:
    """A batch of due messages: those that have their texts, and the rows of those that failed."""

    messages: list[Message]
    due: pa.RecordBatch  # one row a message, in the same order
    failed: pa.Table  # as `due`, with the status and reason of a held message


def render(
    campaign: Campaign,
    due: pa.RecordBatch,
    profiles: Iterable[Mapping[str, Any]],
    extras: Mapping[str, Any],
) -> Rendered:
    """Render the templates for a batch of due messages and their profiles."""
    subject, body = campaign.subject_template, campaign.body_template  # parsed once a batch
    texts = [_texts(subject, body, profile, extras) for profile in profiles]
    works = pa.array([text is not None for text in texts], pa.bool_())
    messages = [
        {**message, ADDRESS_COLUMN[campaign.channel]: message["address"], **text}
        for message, text in zip(due.to_pylist(), texts, strict=True)
        if text is not None
    ]
    return Rendered(messages, due.filter(works), _held(due, works))


def extras_of(settings: Settings, campaign: Campaign, as_of: datetime) -> dict[str, Any]:
    """Return what a template may name beside the profile."""
    return {
        "campaign": campaign.name,
        "segment": campaign.segment,
        "today": day_in(as_of, settings.zone),
        "reporting_currency": settings.reporting_currency,
    }


def _texts(
    subject: Template | None,
    body: Template,
    profile: Mapping[str, Any],
    extras: Mapping[str, Any],
) -> dict[str, str] | None:
    """Return the subject and body for one profile; None where a template fails."""
    try:
        texts = {"body": body.render(profile, extras).strip()}
        if subject:
            # One line: a name with a line break must not become another header.
            texts["subject"] = " ".join(subject.render(profile, extras).split())
    except TemplateError:
        return None
    return texts


def _held(due: pa.RecordBatch, works: pa.Array) -> pa.Table:
    failed = pa.Table.from_batches([due.filter(pa.compute.invert(works))])
    place = failed.schema.get_field_index("status")
    held = failed.set_column(place, "status", pa.repeat("held", failed.num_rows))
    return held.append_column("reason", pa.repeat(TEMPLATE_FAILED, failed.num_rows))


def unlogged(failed: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Yield the failed messages that the log doesn't have as held for that reason yet."""
    for rows in failed:
        yield rows.filter(pa.compute.invert(rows["has_failed"]))
