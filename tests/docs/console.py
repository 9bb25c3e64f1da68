"""Read the commands of a page with what they print, and compare that with what was printed."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

CUT = "..."
# The space in an amount may be one that doesn't break a line.
BOX = re.compile("[ \u00a0│┃]+")


class Step(NamedTuple):
    command: str
    shown: list[str]


def steps(page: Path) -> list[Step]:
    """The commands of a page's console blocks, in their order."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^```console\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return [step for block in blocks for step in _steps_of(block)]


def _steps_of(block: str) -> Iterator[Step]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        until = part.index("\nEND\n") + 4 if "<<'END'" in part else part.index("\n")
        yield Step(part[:until], part[until:].strip("\n").splitlines())


def missing(shown: list[str], printed: str, *, any_numbers: bool = False) -> list[str]:
    """The shown lines that weren't printed in this order; numbers may be others."""
    alike = _without_numbers if any_numbers else _without_walls
    lines = iter([alike(line) for line in printed.splitlines()])
    wanted = [line for line in shown if line != CUT]
    return [line for line in wanted if alike(line) not in lines]


def _without_walls(line: str) -> str:
    """A line without the walls and widths of a table."""
    return BOX.sub(" ", line).strip()


def _without_numbers(line: str) -> str:
    """The same with one digit for each number."""
    return _without_walls(re.sub(r"\d[\d,.]*", "0", line))
