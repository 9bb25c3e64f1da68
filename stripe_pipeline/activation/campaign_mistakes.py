"""Check one campaign file, and the texts beside it: every mistake, with its file and line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from stripe_pipeline.activation.addresses import Channel
from stripe_pipeline.activation.audience import Existing, audience_of
from stripe_pipeline.activation.audience_mistakes import AUDIENCES, lacks_audience, of_audience
from stripe_pipeline.activation.campaign import BodyFormat, Campaign, CampaignKeys, Status
from stripe_pipeline.activation.campaign_files import (
    CAMPAIGN,
    Text,
    inline_text,
    line_in,
    partials_of,
    sources_of,
    strange_files,
    texts_beside,
)
from stripe_pipeline.activation.contract import Contract, near_miss, wrong_condition
from stripe_pipeline.activation.language_mistakes import of_language, of_languages
from stripe_pipeline.activation.schedule_mistakes import schedule_mistakes, schedule_of
from stripe_pipeline.activation.templates import TemplateError
from stripe_pipeline.activation.wording import PARTS, PartialFile, template_of
from stripe_pipeline.activation.yaml_places import Place, YamlFile
from stripe_pipeline.errors import UsageError
from stripe_pipeline.values.near_miss import did_you_mean

# What to say about tags of HTML in a body that isn't declared to be HTML.
_TAGS: Mapping[str, str] = {
    "email": "add the line `body_format: html`",
    "sms": "a text message is text",
    "push": "a push message is text",
    "file": "name the file body.html",
}
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "channel": get_args(Channel),
    "body_format": get_args(BodyFormat),
    "status": get_args(Status),
    "existing_members": get_args(Existing),
}
# What to say where a key is missing that a campaign must have.
_MISSING: Mapping[str, str] = {
    "existing_members": (
        "the campaign doesn't say what those get who are in the segment already; add the line "
        "`existing_members: skip`, or `existing_members: include`, as runs did while no campaign "
        "said it."
    ),
}
_KINDS = {"email": "an email", "sms": "a text message", "push": "a push message"}
# The texts that a message has, and those of them that it must have beside its body.
_PARTS_OF: Mapping[str, tuple[str, ...]] = {
    "email": ("subject", "preheader", "body", "text"),
    "sms": ("body",),
    "push": ("title", "body", "link"),
}
_NEEDED = {"email": "subject", "push": "title"}
_FILES = {
    "email": "subject.txt, preheader.txt, body.html and body.txt",
    "sms": "body.txt alone",
    "push": "title.txt, body.txt and link.txt",
}


@dataclass(frozen=True)
class Mistake:
    """Something wrong in a campaign file: the place, and a sentence."""

    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place.path}, line {self.place.line}: {self.message}"


@dataclass(frozen=True)
class Checked:
    """A campaign file with what is wrong in it; the campaign where nothing is."""

    file: YamlFile
    name: str | None
    said: list[str]
    campaign: Campaign | None = None


def checked(file: YamlFile, folder: Path, contract: Contract) -> Checked:
    """Check a campaign file of a campaign folder; mistakes are in the order of its lines."""
    try:
        texts = [*_inline(file), *texts_beside(file.path)]
        partials = partials_of(file.path, folder)
        mistakes = sorted(_mistakes(file, texts, partials, contract), key=_order)
        name = file.values.get("name")
    except UsageError as error:  # it isn't YAML, or a text can't be read
        return Checked(file, None, [str(error)])
    said = [f"Campaign file {mistake}" for mistake in dict.fromkeys(mistakes)]
    campaign = None if said else _campaign(file, texts, partials, contract)
    return Checked(file, name if isinstance(name, str) else None, said, campaign)


def _order(mistake: Mistake) -> tuple[bool, str, int]:
    return mistake.place.path.name != CAMPAIGN, str(mistake.place.path), mistake.place.line


def _inline(file: YamlFile) -> list[Text]:
    """Return the texts that stand in the campaign file itself."""
    is_html = file.values.get("body_format") == "html"
    return [
        inline_text(file, part, text, is_html=is_html and part == "body")
        for part in PARTS
        if isinstance(text := file.values.get(part), str) and text
    ]


def _campaign(
    file: YamlFile, texts: list[Text], partials: tuple[PartialFile, ...], contract: Contract
) -> Campaign:
    keys = CampaignKeys.model_validate(file.values)
    found: dict[str, dict[str, str]] = {}
    for text in texts:
        found.setdefault(text.part, {})[text.language] = text.source
    is_html = any(text.is_html for text in texts if text.part == "body")
    audience = audience_of(keys, contract.segment_folder)
    return Campaign(
        keys.name, keys.description, keys.status, audience, keys.channel, keys.language,
        "html" if is_html else "text", found, partials, contract.account, schedule_of(file),
        keys.goal, sources_of(file.path, file.text, partials),
    )  # fmt: skip


def _mistakes(
    file: YamlFile, texts: list[Text], partials: tuple[PartialFile, ...], contract: Contract
) -> Iterator[Mistake]:
    values = file.values
    try:
        keys = CampaignKeys.model_validate(values)
    except ValidationError as error:
        yield from _of_model(file, error.errors(include_input=False, include_url=False), texts)
    else:
        yield from _of_channel(file, keys, texts)
    yield from _of_audience(file, contract)
    yield from _of_goal(file, contract)
    for place, said in schedule_mistakes(file):
        yield Mistake(place, said)
    if "language" in values and (wrong := of_language(values["language"])):
        yield Mistake(file.key_place("language"), wrong)
    yield from _of_files(file, texts)
    language = values.get("language")
    for text in texts:
        yield from _of_text(text, values, language, partials, contract)


def _of_audience(file: YamlFile, contract: Contract) -> Iterator[Mistake]:
    """Yield mistakes about who gets the campaign."""
    for key, near, wrong in of_audience(file.values, contract):
        place = file.value_place(key, None, near) if near else file.key_place(key)
        yield Mistake(place, wrong)
    if lacks_audience(file.values):
        said = "the campaign has no segment and no trigger; add the line `segment: ...`."
        yield Mistake(file.start, said)


def _of_goal(file: YamlFile, contract: Contract) -> Iterator[Mistake]:
    """Yield mistakes about the segment whose members get no message."""
    name = file.values.get("goal")
    if isinstance(name, str) and name and (wrong := wrong_condition(name, contract)):
        yield Mistake(file.key_place("goal"), wrong)
    if "goal" in file.values and name == file.values.get("segment"):
        said = "the goal is the segment itself, so no one would get a message; name another."
        yield Mistake(file.key_place("goal"), said)


def _of_model(file: YamlFile, errors: list[ErrorDetails], texts: list[Text]) -> Iterator[Mistake]:
    missing = {str(error["loc"][0]) for error in errors if error["type"] == "missing"}
    if not any(text.part == "body" for text in texts) and "body" not in file.values:
        missing.add("body")
    lacking = missing | (set(AUDIENCES) if lacks_audience(file.values) else set())
    for error in errors:
        # An unknown key that is near to a missing one is the same mistake.
        meant = did_you_mean(str(error["loc"][0]), lacking)
        if error["type"] != "extra_forbidden" or not meant:
            yield _of_key(file, error)
    if "body" in missing:
        yield _without_body(file)


def _without_body(file: YamlFile) -> Mistake:
    beside = ", or write body.html or body.txt beside it" if file.path.name == CAMPAIGN else ""
    return Mistake(file.start, f"the campaign has no body; add the line `body: ...`{beside}.")


def _of_key(file: YamlFile, error: ErrorDetails) -> Mistake:
    key = str(error["loc"][0])
    if error["type"] == "extra_forbidden":
        hint = near_miss(key, CampaignKeys.model_fields)
        if hint == ".":
            hint = f"; its keys are {', '.join(CampaignKeys.model_fields)}."
        return Mistake(file.key_place(key), f"a campaign has no key {key}{hint}")
    if error["type"] == "missing":
        said = f"the campaign has no {key}; add the line `{key}: ...`."
        return Mistake(file.start, _MISSING.get(key, said))
    if error["type"] == "literal_error":
        value, choices = file.values[key], _CHOICES[key]
        hint = near_miss(str(value), choices)
        of = "neither" if len(choices) == 2 else "none of them"
        said = f"{key} is {', '.join(choices[:-1])} or {choices[-1]}, and {value} is {of}{hint}"
        return Mistake(file.key_place(key), said)
    message = {
        "string_type": "has to be text; put it in quotes",
        "list_type": "is a list; write it as `[past_due, press.csv]`",
        "string_too_short": "is empty; write it or take the file away",
        "string_pattern_mismatch": "may hold small letters, digits and _ only",
    }.get(error["type"], error["msg"])
    return Mistake(file.key_place(key), f"{key} {message}.")


def _of_channel(file: YamlFile, keys: CampaignKeys, texts: list[Text]) -> Iterator[Mistake]:
    """Yield mistakes about what a channel's messages must have and can't have."""
    parts, kind = {text.part for text in texts}, _KINDS[keys.channel]
    if "body" not in parts:
        yield _without_body(file)
    needed = _NEEDED.get(keys.channel)
    if needed and needed not in parts:
        said = f"{kind} needs a {needed}; add the line `{needed}: ...`."
        yield Mistake(file.start, said)
    for part in PARTS:
        if part in file.values and part not in _PARTS_OF[keys.channel]:
            yield Mistake(file.key_place(part), f"{kind} has no {part}; take the line away.")
    if keys.channel != "email" and keys.body_format == "html":
        yield Mistake(file.key_place("body_format"), f"{kind} has no html; take the line away.")
    for text in texts:
        is_html = text.is_html and keys.channel != "email"
        if not text.said and (text.part not in _PARTS_OF[keys.channel] or is_html):
            said = f"{kind} is {_FILES[keys.channel]}; take this file away."
            yield Mistake(text.place(0, ""), said)


def _of_files(file: YamlFile, texts: list[Text]) -> Iterator[Mistake]:
    """Yield mistakes about texts in files of their own."""
    for path in strange_files(file.path):
        said = (
            f"{path.name} is neither a text nor a partial of a campaign; those are called like "
            "subject.txt, body.html, body.de.html or footer.html."
        )
        yield Mistake(Place(path, 1), said)
    for text in texts:
        if not text.said and text.part in file.values:
            said = f"{text.part} stands here and in a file of its own; keep one of them."
            yield Mistake(file.key_place(text.part), said)
        if not text.said and text.language and (wrong := of_language(text.language)):
            yield Mistake(text.place(0, ""), wrong)
        if text.is_html and text.part != "body":
            yield Mistake(text.place(0, ""), f"{text.part} is text; name the file {text.part}.txt.")
    for place, message in of_languages(texts, file.values.get("language")):
        yield Mistake(place, message)


def _of_text(
    text: Text,
    values: Mapping[str, Any],
    language: object,
    partials: tuple[PartialFile, ...],
    contract: Contract,
) -> Iterator[Mistake]:
    said = language if isinstance(language, str) else None
    template = template_of(
        text.source, text.language, html=text.is_html, language=said, partials=partials
    )
    channel = values.get("channel")
    is_text = channel in ("sms", "push")
    tags = _TAGS[str(channel) if is_text else "email" if text.said else "file"]
    try:
        template.check(contract, tags if text.part == "body" else f"a {text.part} is text")
    except TemplateError as error:
        for each in (error, *error.others):
            yield _in_template(text, each, partials)


def _in_template(text: Text, error: TemplateError, partials: tuple[PartialFile, ...]) -> Mistake:
    file = next((one for one in partials if one.path == error.path), None)
    if file is None:
        return Mistake(text.place(error.position, error.near), text.said + error.message)
    place = line_in(Path(file.path), file.source, error.position, error.near)
    return Mistake(place, error.message)
