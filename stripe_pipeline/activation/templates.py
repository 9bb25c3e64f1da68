"""Liquid templates: every name is checked before a run, so nothing is undefined when they render.

A template sees `profile.<column of customer_profiles>`, the EXTRAS below, and the aliases of
templating/aliases.py. Filters and comparisons are implemented in templating/ and documented in
docs/reference/templates.md.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from liquid import BoundTemplate
from liquid.exceptions import (
    LiquidError,
    LocalNamespaceLimitError,
    OutputStreamLimitError,
    UndefinedError,
)

from stripe_pipeline.activation.contract import Contract
from stripe_pipeline.activation.templating import trial
from stripe_pipeline.activation.templating.aliases import ROOTS, USER
from stripe_pipeline.activation.templating.checks import (
    EXTRAS,
    TemplateError,
    check_markup,
    check_size,
    wrong_names,
)
from stripe_pipeline.activation.templating.environment import environment
from stripe_pipeline.activation.templating.limits import MAX_LOCALS, MAX_OUTPUT
from stripe_pipeline.activation.templating.partials import Partial
from stripe_pipeline.activation.templating.speech import speech_of

__all__ = ["EXTRAS", "Template", "TemplateError"]


@dataclass(frozen=True)
class Template:
    """A template's source, parsed on demand; values are escaped in HTML.

    `language` is that of the text, a BCP 47 tag, where it is known.
    """

    source: str
    html: bool = False
    language: str | None = None
    partials: tuple[Partial, ...] = ()

    @cached_property
    def _bound(self) -> BoundTemplate:
        check_size(self.source)
        for partial in self.partials:
            check_size(partial.source)
        return environment(html=self.html, partials=self.partials).from_string(self.source)

    @cached_property
    def fields(self) -> frozenset[str]:
        """The profile's columns that the template names."""
        named = {
            (root, str(path.segments[1]))
            for root, paths in self._bound.analyze().globals.items()
            for path in paths
            if len(path.segments) > 1
        }
        columns = {name for root, name in named if root == "profile"}
        return frozenset(columns | {USER[name] for root, name in named if root == "user"})

    @cached_property
    def tokens(self) -> frozenset[str]:
        """The fields that the template names, such as profile.first_name and account.name."""
        found = self._bound.analyze().globals
        return frozenset(
            f"{root}.{path.segments[1]}"
            for root in ("profile", *ROOTS)
            for path in found.get(root, [])
            if len(path.segments) > 1
        )

    def check(self, contract: Contract, tags: str = "this is text") -> None:
        """Check syntax, names and filters, and render samples to find values of a wrong type.

        `tags` is the advice to give about HTML tags in a text.

        Raises:
            TemplateError: the first thing that is wrong, with the others that were found.
        """
        check_size(self.source)
        mistakes = self._mistakes(contract, tags)
        if mistakes:
            mistakes[0].others = tuple(mistakes[1:])
            raise mistakes[0]

    def _mistakes(self, contract: Contract, tags: str) -> list[TemplateError]:
        """Return what is wrong; only a template whose names are right is rendered for samples."""
        mistakes = [*self._wrong_markup(tags)]
        try:
            mistakes += self._wrong_names(contract)
            if not mistakes:
                types = {name: contract.profile_types[name] for name in sorted(self.fields)}
                trial.try_out(self._bound, types, self.language, contract.account)
        except LiquidError as error:
            mistakes.append(self._in_file(error))
        except (ArithmeticError, RecursionError, TypeError, ValueError):
            mistakes.append(_unforeseen())
        return mistakes

    def _wrong_names(self, contract: Contract) -> Iterator[TemplateError]:
        """Yield wrong names, each with the file of the partial that it is in."""
        paths = {one.source: one.path for one in self.partials if one.source != self.source}
        paths |= {one.name: one.path for one in self.partials}
        for error in wrong_names(self._bound, contract):
            error.path = paths.get(error.path, "")
            yield error

    def _wrong_markup(self, tags: str) -> Iterator[TemplateError]:
        for path, source in (("", self.source), *((one.path, one.source) for one in self.partials)):
            try:
                check_markup(source, html=self.html, remedy=tags)
            except TemplateError as error:
                error.path = path
                yield error

    def _in_file(self, error: LiquidError) -> TemplateError:
        """Return an error of Liquid with the partial's file that it is in, if it is in one."""
        found = _from_liquid(error)
        named = str(error.template_name or "")
        source = error.token.source if error.token else self.source
        for one in self.partials:
            if named == one.path or (source == one.source and source != self.source):
                found.path = one.path
        return found

    def render(self, profile: Mapping[str, Any], extras: Mapping[str, Any]) -> str:
        """Render the template.

        Raises:
            TemplateError: it fails for these values.
        """
        try:
            speech = speech_of(profile.get("locale"), self.language)
            return trial.render(self._bound, profile, extras, speech)[0]
        except LiquidError as error:
            raise self._in_file(error) from None
        except (ArithmeticError, RecursionError, TypeError, ValueError):
            raise _unforeseen() from None


def _unforeseen() -> TemplateError:
    # The error's own text isn't repeated: it may quote a person's data.
    return TemplateError("a filter can't take the value it is given.")


def _from_liquid(error: LiquidError) -> TemplateError:
    token = error.token
    position = token.start_index if token and token.start_index >= 0 else None
    message = str(error.message).rstrip(".")
    if isinstance(error, UndefinedError):
        message += "; give it a value for those who have none, as in `| default: 0`"
    elif isinstance(error, OutputStreamLimitError):
        message = f"the text grows longer than {MAX_OUTPUT:,} bytes"
    elif isinstance(error, LocalNamespaceLimitError):
        message = f"what is assigned and captured grows longer than {MAX_LOCALS:,} bytes"
    return TemplateError(
        message if message.endswith("?") else f"{message}.", token.value if token else "", position
    )
