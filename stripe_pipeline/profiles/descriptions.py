"""Parse a column's dbt description: its meaning, when it is empty, an example.

A description is paragraphs. One that begins with "Empty" or "Never empty" says when the column is
null, one that begins with "Example:" shows a value between backticks; the others are its meaning.
"""

from typing import NamedTuple

_EMPTY = ("Empty ", "Never empty")
_EXAMPLE = "Example:"


class Description(NamedTuple):
    """The parts of a description; "" where it has none."""

    meaning: str
    empty: str
    example: str


def read_description(text: str) -> Description:
    """Split a description into its parts, each on one line."""
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n")]
    meaning = [part for part in paragraphs if not part.startswith((*_EMPTY, _EXAMPLE))]
    empty = [part for part in paragraphs if part.startswith(_EMPTY)]
    example = [part for part in paragraphs if part.startswith(_EXAMPLE)]
    shown = " ".join(example).removeprefix(_EXAMPLE).strip().strip("`")
    return Description(" ".join(meaning).strip(), " ".join(empty), shown)


def of_metadata(key: str | None) -> str:
    """Return the description of a field that a setting adds, which dbt has none for.

    `key` is that of the customers' metadata, None where it isn't known any more.
    """
    named = f"the key `{key}`" if key else "this key"
    return f"What the customer's metadata in Stripe has under {named}.\n\nEmpty without it."
