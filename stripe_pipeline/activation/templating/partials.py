"""Texts that several templates share: `{% render "footer" %}`.

A partial is found by its name among those that were read before a run, so a template can't name a
file. It stands alone: it renders no other partial, and sees the profile and what it is given.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from liquid import BoundTemplate, Environment
from liquid.builtin.expressions import Identifier
from liquid.builtin.tags.render_tag import RenderNode
from liquid.exceptions import TemplateNotFoundError
from liquid.loader import BaseLoader, TemplateSource


@dataclass(frozen=True)
class Partial:
    """A text that templates may render by its name, from a file."""

    name: str
    path: str
    source: str


class Partials(BaseLoader):
    """Finds partials by name, each parsed once by an environment in which none renders another."""

    def __init__(self, partials: tuple[Partial, ...], alone: Environment) -> None:
        self._partials = {partial.name: partial for partial in partials}
        self._alone = alone
        self._parsed: dict[str, BoundTemplate] = {}

    def get_source(
        self, env: Environment, template_name: str, *, context: Any = None, **more: object
    ) -> TemplateSource:
        """Return a partial's text and path.

        Raises:
            TemplateNotFoundError: there is none of that name.
        """
        if template_name not in self._partials:
            raise TemplateNotFoundError(missing(template_name, self._partials))
        partial = self._partials[template_name]
        return TemplateSource(partial.source, partial.path, None)

    def load(self, env: Environment, name: str, **more: Any) -> BoundTemplate:
        """Return a partial parsed."""
        if name not in self._parsed:
            source = self.get_source(env, name)
            self._parsed[name] = self._alone.from_string(source.text, name, source.name)
        return self._parsed[name]


def missing(name: str, known: Mapping[str, object]) -> str:
    """Return what to say about a partial that isn't there."""
    near = get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    if near:
        return f"there is no partial {name}; did you mean {near[0]}?"
    where = "a file in the campaign's folder, or in shared/ of the campaign folder"
    return f"there is no partial {name}; a partial is {where}"


def names_no_file(node: object) -> bool:
    """Return whether a `render` has a variable in the place of a partial's name."""
    return isinstance(node, RenderNode) and isinstance(node.name, Identifier)
