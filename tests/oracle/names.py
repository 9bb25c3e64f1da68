"""First and last names: what is certain, and what must hold of the rest.

How a name splits can't be derived from a definition, only judged. So names that two people would
split alike are split here, and for any other the parts must at least come from the name itself.
"""

import re
from dataclasses import dataclass

from .objects import Body

PLAIN = re.compile(r"[A-Z][a-z]{2,} [A-Z][a-z]{2,}")
NOT_A_LAST_NAME = {"Inc", "Ltd", "Group", "School", "Store", "Company", "Studio", "Club", "Bank"}

JUDGED: dict[str, tuple[str | None, str | None]] = {
    "ada": ("ada", None),
    "  Ada  Lovelace ": ("Ada", "Lovelace"),
    "Dr. Martin Luther King, Jr.": ("Martin", "King"),
    "Müller & Söhne GmbH": (None, None),
    "José da Silva": ("José", "da Silva"),
    "O'Neil": ("O'Neil", None),
    "\u200b": (None, None),
    "": (None, None),
}


@dataclass(frozen=True)
class PartOf:
    """Equal to None and to any text whose letters stand in the name."""

    name: str

    def __eq__(self, other: object) -> bool:
        return other is None or (isinstance(other, str) and _letters(other) in _letters(self.name))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def name_fields(body: Body) -> dict[str, object]:
    """The first and last name, or what they must come from."""
    name = body.get("individual_name") or body.get("name") or ""
    first, last = split(name, is_business=name == body.get("business_name"))
    return {"first_name": first, "last_name": last}


def split(name: str, is_business: bool) -> tuple[object, object]:
    """The certain parts of a name; a PartOf where nothing is."""
    if is_business:
        return None, None
    if name in JUDGED:
        return JUDGED[name]
    first, _, last = name.partition(" ")
    if PLAIN.fullmatch(name) and last not in NOT_A_LAST_NAME:
        return first, last
    return PartOf(name), PartOf(name)
