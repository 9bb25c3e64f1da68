"""A campaign: one message to the members of one segment over one channel.

name: win_back
description: Customers who haven't ordered for six months.
segment: lapsed_6_months
existing_members: skip
channel: email
language: en
subject: We miss you
body_format: text
body: |
  Hello {{ profile.first_name | default: "there" }}, ...

`body_format` is text (the default) or html. The texts may stand in files instead, in several
languages: campaign_files.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, StrictStr, StringConstraints

from stripe_pipeline.activation.addresses import Channel
from stripe_pipeline.activation.audience import Audience, AudienceKeys
from stripe_pipeline.activation.schedule import Schedule
from stripe_pipeline.activation.templates import Template
from stripe_pipeline.activation.wording import (
    PARTS,
    Part,
    PartialFile,
    Texts,
    chosen,
    template_of,
)

# The name is a folder's name and a part of each message's key.
Name = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z0-9][a-z0-9_]*$")]
BodyFormat = Literal["text", "html"]
Status = Literal["live", "draft", "retired"]
Text = Annotated[str, StringConstraints(strict=True, min_length=1)]


class CampaignKeys(AudienceKeys):
    """What a campaign file may say; who gets it is in audience.py."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    description: StrictStr = ""
    status: Status = "live"
    channel: Channel
    language: Text | None = None
    subject: Text | None = None
    preheader: Text | None = None
    title: Text | None = None
    body_format: BodyFormat = "text"
    body: Text | None = None
    text: Text | None = None
    link: Text | None = None
    goal: Text | None = None
    schedule: Any = None  # schedule_mistakes.py reads it


@dataclass(frozen=True)
class Campaign:
    """One message to the members of one segment over one channel.

    A `subject`, a `preheader` and a `text` (the body without HTML) are for email alone, and so is a
    `body_format` of html, in which values are escaped. A `title` and a `link` are for push alone.
    `schedule` says when messages go out, and who is in the segment `goal` gets none. A draft is
    checked and previewed, and a retired campaign is kept for its history: neither writes messages.
    A renamed campaign is a new one: its messages are sent again.
    """

    name: str
    description: str
    status: Status
    audience: Audience
    channel: Channel
    language: str | None
    body_format: BodyFormat
    texts: Texts
    partials: tuple[PartialFile, ...] = ()
    account: Mapping[str, str] = field(default_factory=dict)
    schedule: Schedule | None = None
    goal: str | None = None
    sources: Mapping[str, str] = field(default_factory=dict)  # its files, and those it renders
    version: int | None = None  # of these files; known once a run has recorded it

    @property
    def segment(self) -> str:
        """What it is sent for: the segment's name, or the trigger."""
        return self.audience.name

    @property
    def segments(self) -> list[str]:
        """The segments that it names: whose members get it, and whose don't."""
        named = [self.audience.segment, self.goal, *self.audience.not_in]
        return [name for name in named if name]

    @property
    def is_live(self) -> bool:
        """Whether runs write its messages."""
        return self.status == "live"

    @property
    def parts(self) -> list[Part]:
        """The parts that its message has, in the order in which people read them."""
        return [part for part in PARTS if part in self.texts]

    @property
    def languages(self) -> list[str]:
        """The languages that its texts are marked with, "" being that of the others."""
        return sorted({tag for texts in self.texts.values() for tag in texts})

    def wording(self, locale: str | None) -> dict[Part, Template]:
        """Return the texts for a person's locale, a BCP 47 tag, as templates."""
        found = {}
        for part in self.parts:
            mark = chosen(list(self.texts[part]), locale or "")
            # One without an unmarked text is refused before a run.
            found[part] = self._template(part, mark if mark is not None else self.languages[0])
        return found

    def wording_key(self, locale: str | None) -> tuple[str | None, ...]:
        """Return what tells this person's wording from another's."""
        return tuple(chosen(list(self.texts[part]), locale or "") for part in self.parts)

    @property
    def subject_template(self) -> Template | None:
        """The unmarked subject as a template, which is always text; None for a text message."""
        return self.wording(None).get("subject")

    @property
    def body_template(self) -> Template:
        """The unmarked body as a template."""
        return self.wording(None)["body"]

    @cached_property
    def fields(self) -> frozenset[str]:
        """The profile's columns that the templates name, in whichever language."""
        templates = (
            self._template(part, tag) for part, texts in self.texts.items() for tag in texts
        )
        return frozenset[str]().union(*(template.fields for template in templates))

    def templates(self) -> list[tuple[str, str, Template]]:
        """Return every text as a template, with its part and its language."""
        return [
            (part, tag, self._template(part, tag))
            for part in self.parts
            for tag in self.texts[part]
        ]

    def _template(self, part: str, tag: str) -> Template:
        return template_of(
            self.texts[part][tag], tag,
            html=part == "body" and self.body_format == "html",
            language=self.language, partials=self.partials,
        )  # fmt: skip
