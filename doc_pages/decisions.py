"""The index of the decision log, from the entries in docs/decisions/."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from doc_pages.markdown import slug

_ENTRY = re.compile(r"^## (?P<title>.+)\n\n(?P<said>.*)$", re.MULTILINE)
_SAID = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d) · (?P<status>accepted|(?:amended|superseded) by \[.+\)|rejected)"
)
_TITLE = re.compile(r"\A# (.+)$", re.MULTILINE)
_OWN_PAGE = re.compile(r"\]\(#")

_INTRODUCTION = """\
# The index of decisions

Every entry by room, in the order in which it was decided. `make pages` writes this page;
[Decisions](../decisions.md#add-an-entry) says how to add an entry and what each status means.
"""


class NoStatusError(ValueError):
    """An entry lacks its line of date and status, or has one that isn't known."""


@dataclass(frozen=True)
class Entry:
    """One decision: `status` is Markdown, with its links as they stand in the room's file."""

    room: str
    title: str
    date: str
    status: str


def rooms(folder: Path) -> list[Path]:
    """Return the files of the rooms, by name."""
    return sorted(path for path in folder.glob("*.md") if path.stem != "README")


def entries(room: Path) -> list[Entry]:
    """Return the entries of a room.

    Raises:
        NoStatusError: an entry has no date and status below its title, or another status.
    """
    return list(_entries(room))


def _entries(room: Path) -> Iterator[Entry]:
    for found in _ENTRY.finditer(room.read_text(encoding="utf-8")):
        said = _SAID.fullmatch(found["said"])
        if said is None:
            raise NoStatusError(f"{room.name}: “{found['title']}” has no date and status below it")
        yield Entry(room.stem, found["title"], said["date"], said["status"])


def index_page(folder: Path) -> str:
    """Return the index as Markdown: one table a room, one line an entry."""
    return "\n".join([_INTRODUCTION, *(_section(room) for room in rooms(folder))])


def _section(room: Path) -> str:
    title = _TITLE.findall(room.read_text(encoding="utf-8"))[0]
    head = f"## {title}\n\n| date | decision | status |\n|---|---|---|\n"
    return head + _rows(room.name, entries(room))


def _rows(page: str, found: Sequence[Entry]) -> str:
    return "".join(
        f"| {entry.date} | [{entry.title}]({page}#{slug(entry.title)}) "
        f"| {_OWN_PAGE.sub(f']({page}#', entry.status)} |\n"
        for entry in found
    )
