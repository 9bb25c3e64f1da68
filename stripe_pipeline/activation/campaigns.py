"""Campaigns: one YAML file each, checked whole before anything is started.

name: win_back
description: Customers who haven't ordered for six months.
segment: lapsed_6_months
channel: email
subject: We miss you
body_format: text
body: |
  Hello {{ profile.first_name | default: "there" }}, ...

`body_format` is text, also where the line is left out, or html.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, StrictStr, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from stripe_pipeline.activation.addresses import Channel
from stripe_pipeline.activation.contract import Contract, load_contract, near_miss
from stripe_pipeline.activation.templates import Template, TemplateError
from stripe_pipeline.activation.yaml_places import Place, YamlFile
from stripe_pipeline.errors import UsageError
from stripe_pipeline.settings import Settings

# The name is a folder's name and a part of each message's key.
Name = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z0-9][a-z0-9_]*$")]
BodyFormat = Literal["text", "html"]
Text = Annotated[str, StringConstraints(strict=True, min_length=1)]


# What to say about tags of HTML in a body that isn't declared to be HTML.
_TAGS: Mapping[Channel, str] = {
    "email": "add the line `body_format: html`",
    "sms": "a text message is text",
}
_CHOICES = {"channel": get_args(Channel), "body_format": get_args(BodyFormat)}


class Campaign(BaseModel):
    """One message to the members of one segment over one channel.

    `subject` is for email alone, and so is a `body_format` of html, in which values are escaped.
    A renamed campaign is a new one: its messages go out again.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    description: StrictStr = ""
    segment: Text
    channel: Channel
    subject: Text | None = None
    body_format: BodyFormat = "text"
    body: Text

    @property
    def subject_template(self) -> Template | None:
        """The subject as a template, which is always text; None for a text message."""
        return Template(self.subject) if self.subject else None

    @property
    def body_template(self) -> Template:
        """The body as a template."""
        return Template(self.body, html=self.body_format == "html")

    @property
    def fields(self) -> frozenset[str]:
        """The profile's columns that the templates name."""
        subject = self.subject_template.fields if self.subject_template else frozenset()
        return subject | self.body_template.fields


def load_campaigns(settings: Settings, contract: Contract | None = None) -> list[Campaign]:
    """Read and check every campaign file, in the order of their names.

    Raises:
        UsageError: the first thing that is wrong, with its file and line.
        PipelineError: the dbt project, which says what campaigns may name, can't be read.
    """
    if not settings.campaigns.is_dir():
        raise UsageError(
            f"There is no campaign folder {settings.campaigns}; create it, or name another in "
            "STRIPE_PIPELINE_CAMPAIGNS."
        )
    names = (contract or load_contract()).with_fields(settings.metadata_columns)
    files = [YamlFile(path) for path in _paths(settings.campaigns)]
    campaigns = [_checked(file, names) for file in files]
    _refuse_twins(campaigns, files)
    return sorted(campaigns, key=lambda campaign: campaign.name)


def _paths(folder: Path) -> list[Path]:
    return sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")])


def _checked(file: YamlFile, contract: Contract) -> Campaign:
    try:
        campaign = Campaign.model_validate(file.values)
    except ValidationError as error:
        raise _refusal(file, error.errors(include_input=False, include_url=False)[0]) from None
    _check_segment(file, campaign, contract)
    _check_subject(file, campaign)
    _check_format(file, campaign)
    if campaign.subject_template:
        tags = "a subject is text"
        _check_template(file, "subject", campaign.subject_template, contract, tags)
    _check_template(file, "body", campaign.body_template, contract, _TAGS[campaign.channel])
    return campaign


def _refusal(file: YamlFile, error: ErrorDetails) -> UsageError:
    key = str(error["loc"][0])
    if error["type"] == "extra_forbidden":
        hint = near_miss(key, Campaign.model_fields)
        return _usage_error(file.key_place(key), f"a campaign has no key {key}{hint}")
    if error["type"] == "missing":
        return _usage_error(file.start, f"the campaign has no {key}; add the line `{key}: ...`.")
    if error["type"] == "literal_error":
        value, (first, second) = file.values[key], _CHOICES[key]
        hint = near_miss(str(value), _CHOICES[key])
        return _usage_error(
            file.key_place(key), f"{key} is {first} or {second}, and {value} is neither{hint}"
        )
    message = {
        "string_type": "has to be text; put it in quotes",
        "string_too_short": "is empty; write it or take the file away",
        "string_pattern_mismatch": "may hold small letters, digits and _ only",
    }.get(error["type"], error["msg"])
    return _usage_error(file.key_place(key), f"{key} {message}.")


def _check_segment(file: YamlFile, campaign: Campaign, contract: Contract) -> None:
    if campaign.segment not in contract.segments:
        hint = near_miss(campaign.segment, contract.segments)
        place = file.key_place("segment")
        raise _usage_error(place, f"there is no segment {campaign.segment}{hint}")


def _check_subject(file: YamlFile, campaign: Campaign) -> None:
    if campaign.channel == "email" and campaign.subject is None:
        raise _usage_error(file.start, "an email needs a subject; add the line `subject: ...`.")
    if campaign.channel == "sms" and campaign.subject is not None:
        raise _usage_error(
            file.key_place("subject"), "a text message has no subject; take the line away."
        )


def _check_format(file: YamlFile, campaign: Campaign) -> None:
    if campaign.channel == "sms" and campaign.body_format == "html":
        raise _usage_error(
            file.key_place("body_format"), "a text message has no html; take the line away."
        )


def _check_template(
    file: YamlFile, key: str, template: Template, contract: Contract, tags: str
) -> None:
    try:
        template.check(contract, tags)
    except TemplateError as error:
        place = file.value_place(key, error.position, error.near)
        raise _usage_error(place, f"in the {key}, {error.message}") from None


def _refuse_twins(campaigns: list[Campaign], files: list[YamlFile]) -> None:
    seen: dict[str, Path] = {}
    for campaign, file in zip(campaigns, files, strict=True):
        if campaign.name in seen:
            raise _usage_error(
                file.key_place("name"),
                f"the name {campaign.name} is taken by {seen[campaign.name].name}; "
                "give one of them another.",
            )
        seen[campaign.name] = file.path


def _usage_error(place: Place, message: str) -> UsageError:
    return UsageError(f"Campaign file {place.path}, line {place.line}: {message}")
