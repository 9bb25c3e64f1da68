"""Campaigns: one YAML file each, validated completely before a run starts.

name: win_back
description: Customers who haven't ordered for six months.
segment: lapsed_6_months
channel: email
subject: We miss you
body_format: text
body: |
  Hello {{ profile.first_name | default: "there" }}, ...

`body_format` is text (the default) or html.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
from stripe_pipeline.values.near_miss import did_you_mean
from stripe_pipeline.values.words import listed

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
    A renamed campaign is a new one: its messages are sent again.
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


@dataclass(frozen=True)
class Mistake:
    """Something wrong in a campaign file: the place, and a sentence."""

    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place.path}, line {self.place.line}: {self.message}"


def load_campaigns(settings: Settings, contract: Contract | None = None) -> list[Campaign]:
    """Read and validate every campaign file, in the order of their names.

    Raises:
        UsageError: campaign files are wrong; every mistake is listed with file and line.
        PipelineError: the dbt project, which says what campaigns may name, can't be read.
    """
    if not settings.campaigns.is_dir():
        raise UsageError(
            f"There is no campaign folder {settings.campaigns}; create it, or name another in "
            "STRIPE_PIPELINE_CAMPAIGNS."
        )
    names = (contract or load_contract(settings.segments)).with_fields(settings.metadata_columns)
    files = [YamlFile(path) for path in _paths(settings.campaigns)]
    told = [said for file in files for said in _mistakes_in(file, names)]
    told += [f"Campaign file {mistake}" for mistake in _twins(files)]
    if told:
        raise _refusal(told)
    campaigns = [Campaign.model_validate(file.values) for file in files]
    return sorted(campaigns, key=lambda campaign: campaign.name)


def _paths(folder: Path) -> list[Path]:
    return sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")])


def _refusal(told: list[str]) -> UsageError:
    """Return the error for these mistakes: one as a sentence, several as a list."""
    if len(told) == 1:
        return UsageError(told[0])
    return UsageError(f"{len(told):,} things in campaign files are to be corrected:{listed(told)}")


def _mistakes_in(file: YamlFile, contract: Contract) -> list[str]:
    """Return the mistakes in a file, in the order of its lines."""
    try:
        mistakes = sorted(_mistakes(file, contract), key=lambda mistake: mistake.place.line)
    except UsageError as error:  # it isn't YAML
        return [str(error)]
    return [f"Campaign file {mistake}" for mistake in dict.fromkeys(mistakes)]


def _mistakes(file: YamlFile, contract: Contract) -> Iterator[Mistake]:
    values = file.values
    try:
        campaign = Campaign.model_validate(values)
    except ValidationError as error:
        yield from _of_model(file, error.errors(include_input=False, include_url=False))
    else:
        yield from _of_channel(file, campaign)
    segment = values.get("segment")
    if isinstance(segment, str) and segment and segment not in contract.segments:
        hint = near_miss(segment, contract.segments)
        yield Mistake(file.key_place("segment"), f"there is no segment {segment}{hint}")
    is_html = values.get("body_format") == "html"
    for key, html, tags in (
        ("subject", False, "a subject is text"),
        ("body", is_html, _TAGS["sms" if values.get("channel") == "sms" else "email"]),
    ):
        if isinstance(text := values.get(key), str) and text:
            yield from _of_template(file, key, Template(text, html=html), contract, tags)


def _of_model(file: YamlFile, errors: list[ErrorDetails]) -> Iterator[Mistake]:
    missing = {str(error["loc"][0]) for error in errors if error["type"] == "missing"}
    for error in errors:
        # An unknown key that is near to a missing one is the same mistake.
        meant = did_you_mean(str(error["loc"][0]), missing)
        if error["type"] != "extra_forbidden" or not meant:
            yield _of_key(file, error)


def _of_key(file: YamlFile, error: ErrorDetails) -> Mistake:
    key = str(error["loc"][0])
    if error["type"] == "extra_forbidden":
        hint = near_miss(key, Campaign.model_fields)
        return Mistake(file.key_place(key), f"a campaign has no key {key}{hint}")
    if error["type"] == "missing":
        return Mistake(file.start, f"the campaign has no {key}; add the line `{key}: ...`.")
    if error["type"] == "literal_error":
        value, (first, second) = file.values[key], _CHOICES[key]
        hint = near_miss(str(value), _CHOICES[key])
        said = f"{key} is {first} or {second}, and {value} is neither{hint}"
        return Mistake(file.key_place(key), said)
    message = {
        "string_type": "has to be text; put it in quotes",
        "string_too_short": "is empty; write it or take the file away",
        "string_pattern_mismatch": "may hold small letters, digits and _ only",
    }.get(error["type"], error["msg"])
    return Mistake(file.key_place(key), f"{key} {message}.")


def _of_channel(file: YamlFile, campaign: Campaign) -> Iterator[Mistake]:
    """Yield mistakes about what an email must have and a text message can't."""
    if campaign.channel == "email":
        if campaign.subject is None:
            yield Mistake(file.start, "an email needs a subject; add the line `subject: ...`.")
        return
    if campaign.subject is not None:
        place = file.key_place("subject")
        yield Mistake(place, "a text message has no subject; take the line away.")
    if campaign.body_format == "html":
        place = file.key_place("body_format")
        yield Mistake(place, "a text message has no html; take the line away.")


def _of_template(
    file: YamlFile, key: str, template: Template, contract: Contract, tags: str
) -> Iterator[Mistake]:
    try:
        template.check(contract, tags)
    except TemplateError as error:
        for each in (error, *error.others):
            place = file.value_place(key, each.position, each.near)
            yield Mistake(place, f"in the {key}, {each.message}")


def _twins(files: list[YamlFile]) -> Iterator[Mistake]:
    seen: dict[str, Path] = {}
    for file in files:
        try:
            name = file.values.get("name")
        except UsageError:  # reported already
            continue
        if isinstance(name, str) and name in seen:
            taken = f"the name {name} is taken by {seen[name].name}; give one of them another."
            yield Mistake(file.key_place("name"), taken)
        elif isinstance(name, str):
            seen[name] = file.path
