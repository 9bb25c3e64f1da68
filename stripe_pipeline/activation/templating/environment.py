"""The environments in which templates are parsed: one for text, one for HTML."""

import inspect
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, ClassVar

from liquid import BoundTemplate, Environment, Mode
from liquid.builtin.tags.if_tag import IfTag
from liquid.builtin.tags.unless_tag import UnlessTag
from liquid.filter import with_context
from liquid.undefined import FalsyStrictUndefined, Undefined

from stripe_pipeline.activation.templating import limits, lists, localized, numbers, texts
from stripe_pipeline.activation.templating.conditions import adapt
from stripe_pipeline.activation.templating.kinds import refusal
from stripe_pipeline.activation.templating.limits import BoundedContext
from stripe_pipeline.activation.templating.partials import Partial, Partials
from stripe_pipeline.activation.templating.printing import PRINTING_TAGS

Function = Callable[..., Any]
_ENVIRONMENTS = 128  # kept: one for each set of partials, which differ by campaign and language
FILTERS: dict[str, Function] = {
    **texts.FILTERS, **numbers.FILTERS, **lists.FILTERS, **localized.FILTERS,
}  # fmt: skip


class MessageTemplate(BoundTemplate):
    """A parsed template that renders within the limits."""

    context_class = BoundedContext


class MessageEnvironment(Environment):
    """Liquid with this project's filters only, within the limits."""

    template_class = MessageTemplate
    loop_iteration_limit: ClassVar[int | None] = limits.MAX_ITERATIONS
    local_namespace_limit: ClassVar[int | None] = limits.MAX_LOCALS
    output_stream_limit: ClassVar[int | None] = limits.MAX_OUTPUT

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Register what templates can use."""
        super().setup_tags_and_filters(extra=extra)
        # `render` shows a partial what it is given; `include` would show it all that is assigned.
        del self.tags["include"]
        for tag_class in (*PRINTING_TAGS, _If, _Unless):
            self.add_tag(tag_class)
        self.filters.clear()
        for name, function in FILTERS.items():
            self.add_filter(name, _guarded(name, function))

    def from_string(self, source: str, *arguments: Any, **options: Any) -> BoundTemplate:
        """Parse a template, and put this project's comparisons into it."""
        return adapt(super().from_string(source, *arguments, **options))


class PartialEnvironment(MessageEnvironment):
    """Liquid as in messages, without partials in partials: so none renders itself."""

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Register what partials can use."""
        super().setup_tags_and_filters(extra=extra)
        del self.tags["render"]


class MissingPart(FalsyStrictUndefined):
    """A part that isn't there, such as a map's missing key: false, and refused when printed."""

    force_liquid_default = True


@lru_cache(maxsize=_ENVIRONMENTS)
def environment(*, html: bool, partials: tuple[Partial, ...] = ()) -> MessageEnvironment:
    """Return the environment for text, or for HTML, in which values are escaped."""
    alone = PartialEnvironment(undefined=MissingPart, autoescape=html)
    loader = Partials(partials, alone)
    return MessageEnvironment(undefined=MissingPart, autoescape=html, loader=loader)


class _If(IfTag):
    # The lax mode takes `else if x` for `else`, silently.
    mode = Mode.STRICT


class _Unless(UnlessTag):
    mode = Mode.STRICT


def _guarded(name: str, function: Function) -> Function:
    """Wrap a filter: refuse a wrong number of arguments, and count its work against the limits."""
    takes_environment = getattr(function, "with_environment", False)
    takes_speech = getattr(function, "by_locale", False)
    least, most = _arity(function)

    @with_context
    @wraps(function, updated=())
    def apply(value: object, *arguments: object, context: BoundedContext, **options: Any) -> Any:
        if isinstance(value, Undefined) and name != "default":
            str(value)  # raises, as the part isn't there
        if takes_environment:
            options["environment"] = context.env
        if takes_speech:
            options["speech"] = context.speech
        if not least <= len(arguments) <= most:
            raise refusal(f"{name} doesn't take these arguments")
        context.spend(value, *arguments)
        result = function(value, *arguments, **options)
        context.spend(result)
        return result

    return apply


def _arity(function: Function) -> tuple[int, int]:
    """Return how many arguments a filter takes after its value, at least and at most."""
    parameters = [
        parameter
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ][1:]
    needed = [parameter for parameter in parameters if parameter.default is parameter.empty]
    return len(needed), len(parameters)
