"""Where campaigns stand: a file `win_back.yml`, or a folder `win_back/` with its texts as files.

campaigns/
    account.yml            what `account.` names
    win_back.yml           a campaign in one file
    spring/
        campaign.yml       a campaign whose texts stand beside it:
        subject.txt        subject, preheader, body (.html or .txt)
        subject.de.txt     and the same in German
        body.html
        body.de.html
        body.txt           beside a body in HTML: what a mail program without HTML shows
        greeting.html      any other name is a partial, for {% render "greeting" %}
    shared/
        footer.html        a partial for all campaigns
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from stripe_pipeline.activation.templating.limits import MAX_SOURCE
from stripe_pipeline.activation.wording import PARTS, Part, PartialFile
from stripe_pipeline.activation.yaml_places import Place, YamlFile
from stripe_pipeline.errors import UsageError

CAMPAIGN = "campaign.yml"
ACCOUNT_FILE = "account.yml"
SHARED = "shared"
_TEXT_FILE = re.compile(
    r"(?P<name>[a-z0-9_]+)(\.(?P<language>[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*))?\.(?P<kind>txt|html)"
)

# What may be the name of a partial: `{% render "footer" %}`; no partial renders another.
_NAMED = re.compile(r"""["']([a-z0-9_]+)["']""")


@dataclass(frozen=True)
class Text:
    """One text of a campaign, in one language ("" where it isn't marked), and where it stands.

    `place` gives the line of a position in it, or of words of it.
    """

    part: Part
    language: str
    is_html: bool
    source: str
    said: str  # "in the body, ", or "" where the text has a file of its own
    place: Callable[[int | None, str], Place]


def campaign_paths(folder: Path) -> list[Path]:
    """Return the campaign files of a campaign folder, in the order of their names."""
    found = [*folder.glob("*.yml"), *folder.glob("*.yaml"), *folder.glob(f"*/{CAMPAIGN}")]
    return sorted(
        path
        for path in found
        # A campaign that is being written stands in a folder with a dot before its name.
        if path.name != ACCOUNT_FILE and not path.parent.name.startswith(".")
    )


def texts_beside(path: Path) -> list[Text]:
    """Return the texts in the files beside a `campaign.yml`.

    Raises:
        UsageError: one can't be read.
    """
    if path.name != CAMPAIGN:
        return []
    return [text for file in _text_files(path.parent) for text in _texts_in(path.parent, file)]


def strange_files(path: Path) -> list[Path]:
    """Return the files beside a `campaign.yml` that are neither texts nor partials."""
    if path.name != CAMPAIGN:
        return []
    known = {CAMPAIGN, *(file[0] for file in _text_files(path.parent))}
    return [
        each
        for each in sorted(path.parent.iterdir())
        if each.name not in known and not each.name.startswith(".")
    ]


def partials_of(path: Path, folder: Path) -> tuple[PartialFile, ...]:
    """Return the partials that a campaign may render: its own, else those of `shared/`.

    Raises:
        UsageError: one can't be read.
    """
    own = _partials_in(path.parent) if path.name == CAMPAIGN else []
    taken = {(one.name, one.is_html) for one in own}
    shared = [one for one in _partials_in(folder / SHARED) if (one.name, one.is_html) not in taken]
    return (*own, *shared)


def sources_of(path: Path, text: str, partials: Iterable[PartialFile]) -> dict[str, str]:
    """Return the texts that a campaign's messages are made of, by their files' names.

    They are the campaign file, the files beside it, and the partials of `shared/` that one of these
    names; account.yml isn't among them.

    Raises:
        UsageError: one can't be read.
    """
    folder = path.parent
    beside = [name for name, _ in _text_files(folder)] if path.name == CAMPAIGN else []
    found = {path.name: text, **{name: _read(folder / name) for name in beside}}
    named = set(_NAMED.findall("\n".join(found.values())))
    for one in partials:
        if one.name in named and Path(one.path).parent != folder:
            found[f"{SHARED}/{Path(one.path).name}"] = one.source
    return found


def line_in(path: Path, source: str, position: int | None, near: str) -> Place:
    """Return the line of a position in a file, or of words in it."""
    start = position if position is not None else max(source.find(near), 0) if near else 0
    return Place(path, 1 + source.count("\n", 0, start))


def inline_text(file: YamlFile, part: Part, source: str, *, is_html: bool) -> Text:
    """Return a text that stands in the campaign file itself."""
    return Text(
        part, "", is_html, source, f"in the {part}, ",
        lambda position, near: file.value_place(part, position, near),
    )  # fmt: skip


def _text_files(folder: Path) -> list[tuple[str, re.Match[str]]]:
    found = ((path.name, _TEXT_FILE.fullmatch(path.name)) for path in sorted(folder.glob("*.*")))
    return [(name, match) for name, match in found if match]


def _texts_in(folder: Path, file: tuple[str, re.Match[str]]) -> Iterator[Text]:
    name, match = file
    if match["name"] not in PARTS:
        return
    path = folder / name
    source = _read(path)
    is_html = match["kind"] == "html"
    part = _part(folder, match)
    yield Text(
        part, match["language"] or "", is_html, source, "",
        lambda position, near: line_in(path, source, position, near),
    )  # fmt: skip


def _part(folder: Path, match: re.Match[str]) -> Part:
    """Return what a file is; body.txt beside an HTML body is its form as plain text."""
    name = next(part for part in PARTS if part == match["name"])
    has_html = any(
        other["name"] == "body" and other["kind"] == "html" for _, other in _text_files(folder)
    )
    return "text" if name == "body" and match["kind"] == "txt" and has_html else name


def _partials_in(folder: Path) -> list[PartialFile]:
    return [
        PartialFile(
            match["name"], match["language"] or "", match["kind"] == "html",
            str(folder / name), _read(folder / name),
        )
        for name, match in _text_files(folder)
        if match["name"] not in PARTS
    ]  # fmt: skip


def _read(path: Path) -> str:
    """Return a text file; refuse a link out of the folder, and what is too long to be a text.

    Raises:
        UsageError: it can't be read.
    """
    try:
        if path.resolve().parent != path.parent.resolve():
            raise UsageError(f"The file {path} is a link to another folder; copy the text here.")
        if path.stat().st_size > 4 * MAX_SOURCE:
            raise UsageError(f"The file {path} is longer than {MAX_SOURCE:,} characters.")
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it isn't UTF-8"
        raise UsageError(
            f"The file {path} can't be read ({reason}); mend it or take it away."
        ) from None
