"""Render a campaign's messages; one whose template fails is held without stopping the others.

A template that passes the check before a run is expected to work for everyone. If one fails for a
customer all the same, that message is held with the reason `template_failed` and is tried again by
the next export.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from stripe_pipeline.activation.addresses import Channel
from stripe_pipeline.activation.campaign import Campaign
from stripe_pipeline.activation.eligibility import ADDRESS_COLUMN
from stripe_pipeline.activation.reasons import TEMPLATE_FAILED
from stripe_pipeline.activation.templates import Template, TemplateError
from stripe_pipeline.activation.wording import Part
from stripe_pipeline.settings import Settings
from stripe_pipeline.values.dates import day_in

Message = dict[str, Any]
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_PLAIN_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " "})


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
    """Render the templates for a batch of due messages and their profiles, each in its language."""
    wordings = _Wordings(campaign)  # parsed once a batch
    texts = [
        _texts(wordings.of(profile.get("locale")), campaign.channel, profile, extras)
        for profile in profiles
    ]
    works = pa.array([text is not None for text in texts], pa.bool_())
    messages = [
        {**message, ADDRESS_COLUMN[campaign.channel]: message["address"], **text}
        for message, text in zip(due.to_pylist(), texts, strict=True)
        if text is not None
    ]
    return Rendered(messages, due.filter(works), _held(due, works))


def text_for(
    campaign: Campaign, profile: Mapping[str, Any], extras: Mapping[str, Any]
) -> dict[str, str] | None:
    """Return the texts of one message, by part; None where a template fails."""
    return _texts(campaign.wording(profile.get("locale")), campaign.channel, profile, extras)


def extras_of(settings: Settings, campaign: Campaign, as_of: datetime) -> dict[str, Any]:
    """Return what a template may name beside the profile."""
    return {
        "campaign": campaign.name,
        "segment": campaign.segment,
        "today": day_in(as_of, settings.zone),
        "reporting_currency": settings.reporting_currency,
        "account": campaign.account,
    }


class _Wordings:
    """The templates of a campaign, parsed once for all people who get the same ones."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign
        self._known: dict[tuple[str | None, ...], dict[Part, Template]] = {}

    def of(self, locale: str | None) -> dict[Part, Template]:
        """Return the templates for a person's locale."""
        key = self._campaign.wording_key(locale)
        if key not in self._known:
            self._known[key] = self._campaign.wording(locale)
        return self._known[key]


def _texts(
    wording: Mapping[Part, Template],
    channel: Channel,
    profile: Mapping[str, Any],
    extras: Mapping[str, Any],
) -> dict[str, str] | None:
    """Return the texts for one profile, by part; None where a template fails."""
    try:
        texts = {part: template.render(profile, extras) for part, template in wording.items()}
    except TemplateError:
        return None
    return {part: _fitting(text, part, channel) for part, text in texts.items()}


def _fitting(text: str, part: Part, channel: Channel) -> str:
    if part in ("subject", "preheader", "title", "link"):
        # One line: a name with a line break must not become another header.
        return " ".join(_CONTROLS.sub(" ", text).split())
    # A locale's fixed spaces aren't in the alphabet of text messages: one would make the whole
    # message cost twice as much.
    return (text.translate(_PLAIN_SPACES) if channel == "sms" else text).strip()


def _held(due: pa.RecordBatch, works: pa.Array) -> pa.Table:
    failed = pa.Table.from_batches([due.filter(pa.compute.invert(works))])
    place = failed.schema.get_field_index("status")
    held = failed.set_column(place, "status", pa.repeat("held", failed.num_rows))
    return held.append_column("reason", pa.repeat(TEMPLATE_FAILED, failed.num_rows))


def unlogged(failed: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Yield the failed messages that the log doesn't have as held for that reason yet."""
    for rows in failed:
        yield rows.filter(pa.compute.invert(rows["has_failed"]))
