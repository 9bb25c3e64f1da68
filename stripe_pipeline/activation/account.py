"""The file account.yml in the campaign folder: what templates say of the sender.

name: Acme
url_website: https://acme.example
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stripe_pipeline.activation.campaign_files import ACCOUNT_FILE
from stripe_pipeline.activation.contract import near_miss
from stripe_pipeline.activation.templating.aliases import ACCOUNT
from stripe_pipeline.activation.yaml_places import YamlFile
from stripe_pipeline.errors import UsageError


@dataclass(frozen=True)
class Account:
    """What account.yml says, and what is wrong with it."""

    values: Mapping[str, str] = field(default_factory=dict)
    said: tuple[str, ...] = ()


def load_account(folder: Path) -> Account:
    """Read account.yml of a campaign folder; an empty account where there is none."""
    path = folder / ACCOUNT_FILE
    if not path.exists():
        return Account()
    file = YamlFile(path)
    try:
        values = file.values
    except UsageError as error:
        return Account(said=(str(error),))
    said = [
        f"Account file {path}, line {file.key_place(key).line}: {wrong}"
        for key, value in values.items()
        if (wrong := _wrong(key, value))
    ]
    return Account({key: str(value) for key, value in values.items()}, tuple(said))


def _wrong(key: str, value: object) -> str:
    if key not in ACCOUNT:
        return f"an account has no key {key}{near_miss(key, ACCOUNT)}"
    if not isinstance(value, str) or not value.strip():
        return f"{key} has to be text; put it in quotes, or take the line away."
    if key.startswith("url_") and not value.startswith(("https://", "http://")):
        return f"{key} has to be an address that begins with https://."
    return ""
