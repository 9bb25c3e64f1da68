"""The fields that a DailyStory template names, as this project's Liquid has them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from stripe_pipeline.activation.contract import Contract, near_miss
from stripe_pipeline.activation.templating.aliases import ACCOUNT, NOT_IN_STRIPE, SYSTEM, USER

Kind = Literal["text", "number", "date", "truth", "list"]
METADATA = "stripe_metadata_"
# Merge tags of older templates, and what they stand for.
MERGE_TAGS: Mapping[str, str] = {
    "FNAME": "user.firstname",
    "LNAME": "user.lastname",
    "FULLNAME": "user.fullname",
    "EMAIL": "user.email",
    "PHONE": "user.phone",
    "UNSUB": "account.url_unsubscribe",
    "UNSUBSCRIBE": "account.url_unsubscribe",
}
_KINDS: Mapping[str, Kind] = {
    "varchar": "text",
    "bigint": "number",
    "decimal(18, 3)": "number",
    "date": "date",
    "timestamp": "date",
    "boolean": "truth",
}


class Untranslatable(Exception):  # noqa: N818 (it is told by line, not raised to a user)
    """A construct that has no counterpart, as a sentence without its line."""


@dataclass(frozen=True)
class Field:
    """A field in Liquid, the kind of its values, and the column of a profile that it is."""

    path: str
    kind: Kind
    column: str = ""


def field_of(word: str, contract: Contract) -> Field:
    """Return the field that a word such as `user.firstname` names; capitals don't count.

    Raises:
        Untranslatable: there is no such field.
    """
    root, _, name = word.partition(".")
    found = {
        "user": lambda: _user(name, contract),
        "profile": lambda: _profile(name, contract),
        "account": lambda: _known(f"account.{name}", [f"account.{each}" for each in ACCOUNT]),
        "system": lambda: _known(f"system.{name}", [f"system.{each}" for each in SYSTEM]),
    }.get(root.casefold())
    if found is None:
        roots = "user., profile., account. or system."
        raise Untranslatable(f"{word} is no field; a field begins with {roots}")
    return found()


def _user(name: str, contract: Contract) -> Field:
    spelled = {each.casefold(): each for each in (*USER, *NOT_IN_STRIPE)}.get(name.casefold(), name)
    if spelled in NOT_IN_STRIPE:
        raise Untranslatable(
            f"Stripe has no user.{spelled}; take it out, or keep it as metadata of the customer "
            "and name the key in STRIPE_PIPELINE_CUSTOMER_METADATA."
        )
    path = _known(f"user.{spelled}", [f"user.{each}" for each in USER]).path
    column = USER[path.removeprefix("user.")]
    return Field(path, _kind(contract, column), column)


def _profile(name: str, contract: Contract) -> Field:
    names = {each.casefold(): each for each in contract.profile_types}
    for wanted in (name.casefold(), f"{METADATA}{name}".casefold()):
        if wanted in names:
            column = names[wanted]
            return Field(f"profile.{column}", _kind(contract, column), column)
    hint = near_miss(name, contract.profile_fields)
    if hint != ".":
        raise Untranslatable(f"there is no profile.{name}{hint}")
    raise Untranslatable(
        f"there is no profile.{name}; name the key of Stripe's metadata that it is in "
        "STRIPE_PIPELINE_CUSTOMER_METADATA, or take it out."
    )


def _known(path: str, known: list[str]) -> Field:
    spelled = {each.casefold(): each for each in known}.get(path.casefold())
    if spelled is None:
        raise Untranslatable(f"there is no {path}{near_miss(path, known)}")
    return Field(spelled, "date" if spelled.startswith("system.") else "text")


def _kind(contract: Contract, column: str) -> Kind:
    return _KINDS.get(contract.profile_types.get(column, "varchar"), "list")
