"""Try a template before a run, so that it doesn't fail for single customers during the run.

It is rendered for many sample profiles, as it will be for people. A branch may have a condition
that no sample meets, so every branch is also evaluated once regardless of its condition.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from io import StringIO
from itertools import islice
from typing import Any

from liquid import BoundTemplate
from liquid.ast import Node
from liquid.builtin.expressions import Literal
from liquid.builtin.tags.capture_tag import CaptureNode
from liquid.builtin.tags.for_tag import BreakNode, ContinueNode, ForLoop, ForNode
from liquid.builtin.tags.tablerow_tag import TablerowNode
from liquid.exceptions import LiquidError, LiquidSyntaxError

from stripe_pipeline.activation.templating.conditions import expressions_of, nodes_of
from stripe_pipeline.activation.templating.limits import (
    MAX_ITERATIONS,
    MAX_WORK,
    BoundedContext,
)
from stripe_pipeline.activation.templating.samples import (
    TODAY,
    Hints,
    full_row,
    sample_rows,
)
from stripe_pipeline.values.money import Number

Values = Mapping[str, Any]
_MOST_HINTS = 12
_ITEMS_TRIED = 3  # of a list, when branches are walked


def try_out(template: BoundTemplate, types: Mapping[str, str]) -> None:
    """Render a template for samples of the columns that it names, and evaluate its branches.

    Raises:
        LiquidError: what fails, with its place.
    """
    iterations = work = 0
    for profile, today in sample_rows(types, _hints(template)):
        context = render(template, profile, extras(today))[1]
        iterations += context.iterations
        work += context.work
        # An expensive template is tried on fewer samples; how many doesn't depend on the machine.
        if iterations > 2 * MAX_ITERATIONS or work > MAX_WORK:
            break
    for is_reversed in (False, True):
        context = BoundedContext(template, globals={"profile": full_row(types), **extras(TODAY)})
        _walk(template.nodes, context, is_reversed=is_reversed)


def render(template: BoundTemplate, profile: Values, more: Values) -> tuple[str, BoundedContext]:
    """Render a template; return the text, and the context with its counts.

    Raises:
        LiquidError: it fails for these values.
    """
    context = BoundedContext(template, globals={"profile": profile, **more})
    buffer = context.get_buffer()
    template.render_with_context(context, buffer)
    return buffer.getvalue(), context


def extras(today: date) -> dict[str, Any]:
    """Return sample values of the names that a template sees beside the profile."""
    return {
        "campaign": "campaign", "segment": "segment", "today": today, "reporting_currency": "usd",
    }  # fmt: skip


def _hints(template: BoundTemplate) -> Hints:
    """Collect the constants and keys that a template names."""
    hints = Hints()
    for node in nodes_of(template):
        for expression in expressions_of(node):
            value = getattr(expression, "value", None) if isinstance(expression, Literal) else None
            if isinstance(value, str) and len(hints.texts) < _MOST_HINTS:
                hints.texts.append(value)
            elif isinstance(value, (int, Number)) and len(hints.numbers) < _MOST_HINTS:
                hints.numbers.append(Number(value))
    return hints


def _walk(nodes: Iterable[Node], context: BoundedContext, *, is_reversed: bool) -> None:
    """Evaluate every node, regardless of the conditions above it."""
    for node in nodes:
        try:
            _walk_one(node, context, is_reversed=is_reversed)
        except LiquidError as error:
            error.token = error.token or node.token
            raise


def _walk_one(node: Node, context: BoundedContext, *, is_reversed: bool) -> None:
    children = list(node.children(context))
    if isinstance(node, (BreakNode, ContinueNode)):
        if not context.loops:
            raise LiquidSyntaxError("this stands outside of a loop", token=node.token)
    elif isinstance(node, (ForNode, TablerowNode)):
        _walk_loop(node, context, is_reversed=is_reversed)
    elif not children:
        node.render(context, StringIO())
    else:
        for expression in node.expressions():
            expression.evaluate(context)
        is_branching = not hasattr(node, "nodes")
        ordered = children[::-1] if is_reversed and is_branching else children
        _walk(ordered, context, is_reversed=is_reversed)
    if isinstance(node, CaptureNode):
        context.assign(node.name, "text")


def _walk_loop(node: ForNode | TablerowNode, context: BoundedContext, *, is_reversed: bool) -> None:
    items, length = node.expression.evaluate(context)
    name = node.expression.identifier
    loop = ForLoop(name, items, length, context.parentloop())
    namespace: dict[str, object] = {"forloop": loop, "tablerowloop": loop}
    with context.loop(namespace, loop):
        for item in islice(loop, _ITEMS_TRIED):
            namespace[name] = item
            _walk([node.block], context, is_reversed=is_reversed)
    if default := getattr(node, "default", None):
        _walk([default], context, is_reversed=is_reversed)
