"""Limits on the time and memory of one message, so that no template can stall a run.

They are far above what a message needs: mail programs cut a message off at some 100 kB.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liquid import BoundTemplate, RenderContext
from liquid.exceptions import LoopIterationLimitError
from liquid.token import Token
from liquid.undefined import UNDEFINED, Undefined
from liquid.utils import ReadOnlyChainMap

from stripe_pipeline.activation.templating.kinds import refusal
from stripe_pipeline.activation.templating.speech import UNDECLARED, Speech

MAX_SOURCE = 200_000  # characters of a template
MAX_PLACEHOLDERS = 2_000  # {{ }} and {% %} of a template
MAX_OUTPUT = 1_000_000  # bytes of a message
MAX_LOCALS = 1_000_000  # bytes of what a template assigns and captures
MAX_ITERATIONS = 5_000  # of all loops of a message
MAX_TEXT = 1_000_000  # characters of one value
MAX_ITEMS = 10_000  # of one list
MAX_WORK = 10_000_000  # characters and items that the filters of a message take and give


@dataclass
class Spent:
    """What a message has used up, in its own text and in its partials."""

    iterations: int = 0  # of all loops
    work: int = 0  # characters and items that went through filters


class BoundedContext(RenderContext):
    """The context of a rendering template, which counts its work against the limits.

    The clock isn't visible: python-liquid's own `now` and `today` are left out. A name that is
    assigned only in a branch not taken is a null; names that are never assigned are refused before
    a run.
    """

    __slots__ = ("speech", "spent")

    def __init__(
        self, template: BoundTemplate, *, speech: Speech = UNDECLARED, **options: Any
    ) -> None:
        super().__init__(template, **options)
        self.speech = speech
        self.spent = Spent()
        # Literals are texts like all others; printing.py escapes what is printed.
        self.autoescape = False
        self.scope = ReadOnlyChainMap(self.locals, self.globals, self.counters)

    def copy(
        self,
        namespace: Mapping[str, object],
        disabled_tags: list[str] | None = None,
        carry_loop_iterations: bool = False,
        template: BoundTemplate | None = None,
        block_scope: bool = False,
    ) -> "BoundedContext":
        """Return the context of a partial, whose work counts as the message's own."""
        inner = super().copy(namespace, disabled_tags, carry_loop_iterations, template, block_scope)
        assert isinstance(inner, BoundedContext)
        inner.speech, inner.spent = self.speech, self.spent
        return inner

    def get(
        self, path: list[object], *, token: Token | None, default: object = UNDEFINED
    ) -> object:
        """Resolve a path; a name that was never assigned is a null."""
        if len(path) == 1 and path[0] not in self.scope:
            return None
        return super().get(path, token=token, default=default)

    def get_item(self, obj: Any, key: Any) -> Any:
        """Return a part of a value; a null has the size 0."""
        if obj is None and key == "size":
            return 0
        return super().get_item(obj, key)

    def raise_for_loop_limit(self, length: int = 1) -> None:
        """Count the iterations of a loop at its start."""
        self.spent.iterations += length
        if self.spent.iterations > MAX_ITERATIONS:
            raise LoopIterationLimitError(
                f"the loops go round more than {MAX_ITERATIONS:,} times; limit them, as in "
                "`limit: 10`",
                token=None,
            )

    def spend(self, *values: object) -> None:
        """Count the size of a filter's inputs or outputs.

        Raises:
            FilterArgumentError: one value is too long, or all together are.
        """
        for value in values:
            self.spent.work += _size(value)
        if self.spent.work > MAX_WORK:
            raise refusal("the filters handle too much text")


def _size(value: object) -> int:
    if isinstance(value, Undefined):
        return 0
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise refusal("a text grows too long")
        return len(value)
    if isinstance(value, range) and value.stop - value.start > MAX_ITEMS:
        raise refusal("a list grows too long")
    if isinstance(value, (list, tuple, Mapping, range)):
        if len(value) > MAX_ITEMS:
            raise refusal("a list grows too long")
        return sum(len(item) if isinstance(item, str) else 1 for item in value)
    return 1
