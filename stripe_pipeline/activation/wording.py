"""The texts of a campaign, in the languages that it has them in, and the one for a person.

A person whose locale is de-AT gets `body.de-AT.html`, else `body.de.html`, else `body.html`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from stripe_pipeline.activation.templates import Template
from stripe_pipeline.activation.templating.partials import Partial

Part = Literal["subject", "preheader", "title", "body", "text", "link"]
PARTS: tuple[Part, ...] = get_args(Part)
Texts = Mapping[str, Mapping[str, str]]  # of a part, by language, "" being the unmarked one


@dataclass(frozen=True)
class PartialFile:
    """A partial's file: its name, language ("" for none), whether it is HTML, path and text."""

    name: str
    language: str
    is_html: bool
    path: str
    source: str


def chain(tag: str) -> Iterator[str]:
    """Yield a BCP 47 tag, then it with fewer and fewer subtags, at last ""."""
    subtags = tag.replace("_", "-").split("-") if tag else []
    for length in range(len(subtags), -1, -1):
        yield "-".join(subtags[:length])


def chosen(languages: Mapping[str, str] | list[str], tag: str) -> str | None:
    """Return the language that a reader of `tag` gets out of these; None where none fits."""
    by_capitals = {each.casefold(): each for each in languages}
    found = (by_capitals.get(each.casefold()) for each in chain(tag))
    return next((each for each in found if each is not None), None)


def partials_for(files: tuple[PartialFile, ...], language: str, *, html: bool) -> list[Partial]:
    """Return the partials that a text in a language sees, each in that language where it has it."""
    found: dict[str, dict[str, PartialFile]] = {}
    for file in files:
        if file.is_html == html:
            found.setdefault(file.name, {})[file.language] = file
    picked = {name: chosen(list(each), language) for name, each in found.items()}
    return [
        Partial(name, found[name][tag].path, found[name][tag].source)
        for name, tag in sorted(picked.items())
        if tag is not None
    ]


def template_of(
    source: str,
    mark: str,
    *,
    html: bool,
    language: str | None,
    partials: tuple[PartialFile, ...],
) -> Template:
    """Return a text as a template; `mark` is its file's language, `language` the campaign's."""
    own = mark or language
    return Template(source, html, own, tuple(partials_for(partials, own or "", html=html)))
