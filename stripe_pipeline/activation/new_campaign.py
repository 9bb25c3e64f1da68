"""Write a new campaign's folder as a draft, whole or not at all: `campaigns new`, `import`."""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from stripe_pipeline.activation.audience import Existing
from stripe_pipeline.activation.campaign_files import CAMPAIGN, SHARED
from stripe_pipeline.activation.campaign_mistakes import checked
from stripe_pipeline.activation.contract import Contract, near_miss
from stripe_pipeline.activation.yaml_places import YamlFile
from stripe_pipeline.errors import UsageError
from stripe_pipeline.settings import Settings

_NAME = re.compile(r"[a-z0-9][a-z0-9_]*")
FIRST_SEGMENT = "new_customers"
_HEAD = """\
# A draft is checked and previewed, and writes no message; `status: live` does.
# Its texts stand beside this file, in other languages as body.de.html and so on.
"""
EMAIL_TEXTS: Mapping[str, str] = {
    "subject": "Good to have you with us{% if profile.first_name %}, {{ profile.first_name }}"
    "{% endif %}\n",
    "preheader": "A word of thanks, and where to find us.\n",
    "body": """\
<p>Hello {{ profile.first_name | default: "there" }},</p>

<p>you have placed {{ profile.stripe_total_orders }}
{{ profile.stripe_total_orders | plural: "order", "orders" }} with us
{%- if profile.stripe_total_sales > 0 %}, for {{ profile.stripe_total_sales | money }}{% endif %}.
Thank you.</p>

{% if account.url_unsubscribe %}
<p><a href="{{ account.url_unsubscribe }}">Unsubscribe</a></p>
{% endif %}
""",
}
SMS_TEXTS: Mapping[str, str] = {
    "body": 'Hi {{ profile.first_name | default: "there" }}, good to have you with us. '
    "Reply STOP to hear no more from us.\n",
}
PUSH_TEXTS: Mapping[str, str] = {
    "title": "Good to have you with us\n",
    "body": 'Hello {{ profile.first_name | default: "there" }}, see what is new.\n',
    "link": "{{ account.url_website }}\n",
}
_TEXTS = {"email": EMAIL_TEXTS, "sms": SMS_TEXTS, "push": PUSH_TEXTS}


@dataclass(frozen=True)
class Draft:
    """A campaign to write: its texts by part; a segment of None is the first one's."""

    name: str
    segment: str | None = None
    channel: str = "email"
    texts: Mapping[str, str] = field(default_factory=dict)
    is_html: bool = True
    existing_members: Existing = "skip"


def skeleton(
    name: str, segment: str | None, channel: str, existing_members: Existing = "skip"
) -> Draft:
    """Return a draft with texts to begin with."""
    return Draft(name, segment, channel, _TEXTS[channel], channel == "email", existing_members)


def write_draft(settings: Settings, contract: Contract, draft: Draft) -> list[Path]:
    """Write a draft's folder, checked, with one rename; return its files.

    Raises:
        UsageError: the name is taken or can't be one, there is no such segment, or a text is wrong.
    """
    folder = settings.campaigns / draft.name
    _refuse_name(settings.campaigns, draft.name)
    segment = draft.segment or first_segment(contract)
    if segment not in contract.segments:
        raise UsageError(f"There is no segment {segment}{near_miss(segment, contract.segments)}")
    aside = settings.campaigns / f".{draft.name}.new"
    shutil.rmtree(aside, ignore_errors=True)
    try:
        _write(aside, draft, segment)
        said = checked(YamlFile(aside / CAMPAIGN), settings.campaigns, contract).said
        if said:
            raise UsageError("\n".join(said).replace(str(aside), str(folder)))
        aside.rename(folder)
    except OSError as error:
        raise UsageError(
            f"The campaign can't be written to {folder} ({error.strerror}); make room or give "
            "write permission."
        ) from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return sorted(folder.iterdir())


def _refuse_name(folder: Path, name: str) -> None:
    if not _NAME.fullmatch(name) or name == SHARED:
        raise UsageError(
            f"A campaign can't be called {name}; a name has small letters, digits and _ only, and "
            f"{SHARED} is the folder of partials."
        )
    for taken in (folder / name, folder / f"{name}.yml", folder / f"{name}.yaml"):
        if taken.exists():
            raise UsageError(f"{taken} is there already; choose another name, or edit that one.")


def first_segment(contract: Contract) -> str:
    """Return the segment of a new campaign for which none is named."""
    return FIRST_SEGMENT if FIRST_SEGMENT in contract.segments else min(contract.segments)


def _write(folder: Path, draft: Draft, segment: str) -> None:
    folder.mkdir(parents=True)
    keys: dict[str, Any] = {
        "name": draft.name, "status": "draft", "segment": segment,
        "existing_members": draft.existing_members, "channel": draft.channel, "language": "en",
    }  # fmt: skip
    text = _HEAD + yaml.safe_dump(keys, sort_keys=False, allow_unicode=True)
    (folder / CAMPAIGN).write_text(text, encoding="utf-8")
    for part, source in draft.texts.items():
        kind = "html" if part == "body" and draft.is_html else "txt"
        (folder / f"{part}.{kind}").write_text(source, encoding="utf-8")
