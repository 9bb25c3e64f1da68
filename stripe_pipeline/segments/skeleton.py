"""A segment file to start from."""

from collections.abc import Collection
from pathlib import Path

from stripe_pipeline.errors import UsageError
from stripe_pipeline.segments.fields import CUSTOMER, FACTS, Catalogue, Kind
from stripe_pipeline.segments.files import segment_names
from stripe_pipeline.segments.reading import is_usable_name

_EXAMPLES: dict[Kind, str] = {
    "whole number": "at least 2",
    "amount": "at least 500.00",
    "text": "is DE",
    "list of texts": "includes SUMMER",
    "instant": "more than 6 months ago",
    "date": "within the next 30 days",
    "yes or no": "is true",
}
_SKELETON = """\
meaning: Customers with two or more orders that count; say here who is meant.
owner: marketing
who:
  all:
    - stripe_total_orders: at least 2

# Conditions stand below all, any or none, which may stand in each other: see
# docs/how-to/write-a-segment.md. Further: `in: vip`, `not in: vip`, and `has FACT:` with conditions
# of its own, for {facts}.
#
# Fields that conditions can name, by what they are, with an example:
{fields}"""


def write_skeleton(folder: Path, name: str, metadata: Collection[str]) -> Path:
    """Write the file of a new segment, and return its path; the folder is made where there is none.

    Raises:
        UsageError: the name can't be a segment's, or there is such a segment.
    """
    if not is_usable_name(name):
        raise UsageError(
            f"{name or 'An empty name'} can't be a segment's name; it has up to 50 small letters, "
            "digits and _, as in big_spenders."
        )
    folder.mkdir(parents=True, exist_ok=True)
    if name in segment_names(folder):
        raise UsageError(f"There is a segment {name} already, in {folder / f'{name}.yml'}.")
    path = folder / f"{name}.yml"
    path.write_text(_text(Catalogue(frozenset(metadata))), encoding="utf-8")
    return path


def _text(catalogue: Catalogue) -> str:
    columns = catalogue.columns("customer_profiles").values()
    lines = []
    for kind, example in _EXAMPLES.items():
        names = [each.name for each in columns if each.kind == kind and each.name != CUSTOMER]
        lines += [f"#   {kind} (`{example}`):", *(f"#     {name}" for name in names)]
    facts = ", ".join(FACTS)
    return _SKELETON.format(facts=facts, fields="\n".join(lines) + "\n")
