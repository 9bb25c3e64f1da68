"""Liquid templates: every name is checked before a run, so nothing is undefined when they render.

A template sees `profile.<column of customer_profiles>` and the EXTRAS below. Filters and
comparisons are implemented in templating/ and documented in docs/reference/templates.md.
"""

from collections.abc import Mapping
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
from stripe_pipeline.activation.templating.checks import (
    EXTRAS,
    TemplateError,
    check_markup,
    check_size,
    wrong_names,
)
from stripe_pipeline.activation.templating.environment import environment
from stripe_pipeline.activation.templating.limits import MAX_LOCALS, MAX_OUTPUT

__all__ = ["EXTRAS", "Template", "TemplateError"]


@dataclass(frozen=True)
class Template:
    """A template's source, parsed on demand; values are escaped in HTML."""

    source: str
    html: bool = False

    @cached_property
    def _bound(self) -> BoundTemplate:
        check_size(self.source)
        return environment(html=self.html).from_string(self.source)

    @cached_property
    def fields(self) -> frozenset[str]:
        """The profile's columns that the template names."""
        paths = self._bound.analyze().globals.get("profile", [])
        return frozenset(str(path.segments[1]) for path in paths if len(path.segments) > 1)

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
        mistakes: list[TemplateError] = []
        try:
            check_markup(self.source, html=self.html, remedy=tags)
        except TemplateError as error:
            mistakes.append(error)
        try:
            mistakes += wrong_names(self._bound, contract)
            if not mistakes:
                types = {name: contract.profile_types[name] for name in sorted(self.fields)}
                trial.try_out(self._bound, types)
        except LiquidError as error:
            mistakes.append(_from_liquid(error))
        except (ArithmeticError, RecursionError, TypeError, ValueError):
            mistakes.append(_unforeseen())
        return mistakes

    def render(self, profile: Mapping[str, Any], extras: Mapping[str, Any]) -> str:
        """Render the template.

        Raises:
            TemplateError: it fails for these values.
        """
        try:
            return trial.render(self._bound, profile, extras)[0]
        except LiquidError as error:
            raise _from_liquid(error) from None
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
