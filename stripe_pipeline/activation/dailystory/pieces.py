"""Split a DailyStory template into texts, `{{ }}` tokens and `*|TAG|*` merge tags."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_PIECE = re.compile(
    r"(?P<comment>\{\{!--.*?--\}\}|\{\{![^}]*\}\})"
    r"|(?P<raw>\{\{\{.*?\}\}\})"
    r"|(?P<token>\{\{.*?\}\})"
    r"|(?P<merge>\*\|[^|\n*]{1,80}\|\*)",
    re.DOTALL,
)
# A text in quotes, also in the typographic ones that editors make of them.
_QUOTED = "\"[^\"]*\"|'[^']*'|\u201c[^\u201d]*\u201d|\u2018[^\u2019]*\u2019"
_ARGUMENT = re.compile(
    rf"(?P<name>[A-Za-z_]+)\s*=\s*(?P<named>{_QUOTED})|(?P<text>{_QUOTED})"
    "|(?P<word>[^\\s\"'\u201c\u201d\u2018\u2019]+)|(?P<stray>\\S)"
)
Kind = Literal["text", "comment", "raw", "token", "merge"]


@dataclass(frozen=True)
class Piece:
    """A piece of a template: what it is, what stands inside its marks, its line from 1."""

    kind: Kind
    inside: str
    line: int


@dataclass(frozen=True)
class Argument:
    """An argument of a token: a text in quotes, or a word such as a field; `name` of `name=`."""

    value: str
    is_text: bool
    name: str = ""


def pieces_of(source: str) -> Iterator[Piece]:
    """Yield a template's pieces in their order."""
    end = 0
    for match in _PIECE.finditer(source):
        if match.start() > end:
            yield Piece("text", source[end : match.start()], _line(source, end))
        yield _marked(match, _line(source, match.start()))
        end = match.end()
    if end < len(source):
        yield Piece("text", source[end:], _line(source, end))


def arguments_of(inside: str) -> list[Argument]:
    """Return a token's arguments."""
    return [_argument(match) for match in _ARGUMENT.finditer(inside)]


def _marked(match: re.Match[str], line: int) -> Piece:
    if match["comment"]:
        return Piece("comment", match["comment"], line)
    if match["raw"]:
        return Piece("raw", match["raw"], line)
    if match["merge"]:
        return Piece("merge", match["merge"][2:-2].strip(), line)
    # In an HTML file an editor may have written &#39; for a quote.
    inside = html.unescape(match["token"][2:-2]).replace("\u00a0", " ")
    return Piece("token", inside.strip(), line)


def _argument(match: re.Match[str]) -> Argument:
    if match["name"]:
        return Argument(match["named"][1:-1], is_text=True, name=match["name"])
    if match["text"]:
        return Argument(match["text"][1:-1], is_text=True)
    return Argument(match["word"] or match["stray"], is_text=False)


def _line(source: str, position: int) -> int:
    return 1 + source.count("\n", 0, position)
