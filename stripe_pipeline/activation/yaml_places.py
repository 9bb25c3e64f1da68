"""A flat YAML file with the line of every key and character, so that errors can name it."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from stripe_pipeline.errors import UsageError

MAX_BYTES = 1_000_000  # of a campaign file


@dataclass(frozen=True)
class Place:
    """A line of a file, counted from 1."""

    path: Path
    line: int


@dataclass(frozen=True)
class YamlFile:
    """A file of `key: value` lines."""

    path: Path

    @cached_property
    def values(self) -> dict[str, Any]:
        """The keys with their values.

        Raises:
            UsageError: the file can't be read, isn't YAML, isn't a mapping, or repeats a key.
        """
        loader = yaml.SafeLoader("")
        return {
            str(key.value): loader.construct_object(value, deep=True) for key, value in self._pairs
        }

    @property
    def start(self) -> Place:
        """The beginning of the file, the place of errors about missing keys."""
        return Place(self.path, 1)

    def key_place(self, key: str) -> Place:
        """Return the line of a key."""
        return Place(self.path, self._nodes[key][0].start_mark.line + 1)

    def inner_place(self, key: str, inner: str) -> Place:
        """Return the line of a key in the mapping that is a key's value; failing that, its own."""
        node = self._nodes[key][1]
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        lines = [each.start_mark.line for each, _ in pairs if str(each.value) == inner]
        # Of a key that stands there twice YAML takes the last.
        return Place(self.path, lines[-1] + 1) if lines else self.key_place(key)

    def value_place(self, key: str, position: int | None, text: str) -> Place:
        """Return the line of a character inside a key's text; failing that, of the words near it.

        In a literal block (`|`) lines are kept, so the line is exact. Elsewhere YAML folds lines,
        and the first line of the value that holds `text` is taken.
        """
        node = self._nodes[key][1]
        first = node.start_mark.line
        if isinstance(node, yaml.ScalarNode) and node.style == "|" and position is not None:
            return Place(self.path, first + 2 + node.value.count("\n", 0, position))
        lines = self.text.splitlines()[first : node.end_mark.line + 1]
        found = (offset for offset, line in enumerate(lines) if text and text in line)
        return Place(self.path, first + 1 + next(found, 0))

    @cached_property
    def text(self) -> str:
        """The file as it is.

        Raises:
            UsageError: it can't be read.
        """
        try:
            if self.path.stat().st_size > MAX_BYTES:
                raise UsageError(
                    f"Campaign file {self.path} is larger than {MAX_BYTES // 1_000_000} MB; a "
                    "message is far shorter, so take out of it what doesn't belong there."
                )
            return self.path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it isn't UTF-8"
            raise UsageError(
                f"Campaign file {self.path} can't be read ({reason}); mend it or take it away."
            ) from None

    @cached_property
    def _pairs(self) -> list[tuple[yaml.Node, yaml.Node]]:
        try:
            root = yaml.compose(self.text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise self._error(
                line,
                f"this isn't YAML ({error.problem}); a text with a colon or a brace stands in "
                "quotes, or on lines of its own below `|`.",
            ) from None
        except yaml.YAMLError:
            raise self._error(1, "this isn't YAML (a control character).") from None
        except RecursionError:
            raise self._error(1, "this isn't a list of keys (brackets in brackets).") from None
        if not isinstance(root, yaml.MappingNode):
            raise self._error(1, "a campaign is a list of keys, such as `name: win_back`.")
        self._refuse_repeats(root.value)
        pairs: list[tuple[yaml.Node, yaml.Node]] = root.value
        return pairs

    @cached_property
    def _nodes(self) -> dict[str, tuple[yaml.Node, Any]]:
        return {str(key.value): (key, value) for key, value in self._pairs}

    def _refuse_repeats(self, pairs: list[tuple[yaml.Node, yaml.Node]]) -> None:
        seen = set()
        for key, _ in pairs:
            if str(key.value) in seen:
                line = key.start_mark.line + 1
                raise self._error(line, f"{key.value} stands here twice; keep one of them.")
            seen.add(str(key.value))

    def _error(self, line: int, message: str) -> UsageError:
        return UsageError(f"Campaign file {self.path}, line {line}: {message}")
