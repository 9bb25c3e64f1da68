"""A YAML file as a tree whose every part knows its line, so that a mistake can be named by it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from stripe_pipeline.errors import UsageError

MAX_BYTES = 1_000_000


@dataclass(frozen=True)
class Slip:
    """Something wrong in a file: the line, counted from 1, and a sentence."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}, line {self.line}: {self.message}"


class SlipError(Exception):
    """A part of a file can't be used; `slip` says why."""

    def __init__(self, slip: Slip) -> None:
        super().__init__(str(slip))
        self.slip = slip


@dataclass(frozen=True)
class Tree:
    """A part of a YAML file: a text, a list or a mapping."""

    path: Path
    node: yaml.Node

    @property
    def line(self) -> int:
        """The line on which it starts, counted from 1."""
        return int(self.node.start_mark.line) + 1

    @property
    def text(self) -> str | None:
        """A scalar as it is written, without its quotes; None for a list or a mapping."""
        return str(self.node.value) if isinstance(self.node, yaml.ScalarNode) else None

    @property
    def items(self) -> list["Tree"] | None:
        """The parts of a list; None for anything else."""
        if not isinstance(self.node, yaml.SequenceNode):
            return None
        return [Tree(self.path, each) for each in self.node.value]

    @property
    def entries(self) -> list[tuple["Tree", "Tree"]] | None:
        """The keys and values of a mapping; None for anything else."""
        if not isinstance(self.node, yaml.MappingNode):
            return None
        pairs = self.node.value
        return [(Tree(self.path, key), Tree(self.path, value)) for key, value in pairs]

    @property
    def value(self) -> Any:
        """What YAML makes of it: numbers, dates, texts, lists, mappings."""
        return yaml.SafeLoader("").construct_object(self.node, deep=True)

    def slip(self, message: str) -> Slip:
        """Return a slip on this part's line."""
        return Slip(self.path, self.line, message)

    def error(self, message: str) -> SlipError:
        """Return the exception of a slip on this part's line."""
        return SlipError(self.slip(message))


def read_tree(path: Path) -> Tree:
    """Parse a file.

    Raises:
        SlipError: it isn't YAML, or says a key twice.
        UsageError: it can't be read.
    """
    text = _text(path)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        said = f"this isn't YAML ({error.problem}); put a text with a colon or a brace in quotes."
        raise SlipError(Slip(path, line, said)) from None
    except (yaml.YAMLError, RecursionError):
        raise SlipError(Slip(path, 1, "this isn't YAML.")) from None
    if node is None:
        raise SlipError(Slip(path, 1, "the file is empty; `segments new NAME` writes a skeleton."))
    tree = Tree(path, node)
    try:
        for slip in _repeats(tree):
            raise SlipError(slip)
    except RecursionError:
        raise SlipError(
            Slip(path, 1, "a part of the file is within itself (`&` and `*`).")
        ) from None
    return tree


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"Segment file {path} is larger than 1 MB; a list goes into a CSV.")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it isn't UTF-8"
        raise UsageError(
            f"Segment file {path} can't be read ({reason}); mend it or take it away."
        ) from None


def _repeats(tree: Tree) -> Iterator[Slip]:
    seen = set()
    for key, value in tree.entries or []:
        if key.text in seen:
            yield key.slip(f"{key.text} stands here twice; keep one of them.")
        seen.add(key.text)
        yield from _repeats(value)
    for item in tree.items or []:
        yield from _repeats(item)
