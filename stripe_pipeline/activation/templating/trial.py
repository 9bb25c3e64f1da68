"""Try a template before a run, so that it doesn't fail for single customers during the run.

It is rendered for many sample profiles, as it will be for people. A branch may have a condition
that no sample meets, so every branch is also evaluated once regardless of its condition.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from io import StringIO
from itertools import cycle, islice
from typing import Any

from liquid import BoundTemplate
from liquid.ast import Node
from liquid.builtin.expressions import Literal
from liquid.builtin.tags.capture_tag import CaptureNode
from liquid.builtin.tags.for_tag import BreakNode, ContinueNode, ForLoop, ForNode
from liquid.builtin.tags.render_tag import RenderNode
from liquid.builtin.tags.tablerow_tag import TablerowNode
from liquid.exceptions import LiquidError, LiquidSyntaxError

from stripe_pipeline.activation.templating.aliases import aliased
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
from stripe_pipeline.activation.templating.speech import Speech, speech_of
from stripe_pipeline.values.money import Number

Values = Mapping[str, Any]
_MOST_HINTS = 12
_ITEMS_TRIED = 3  # of a list, when branches are walked
# Languages of the samples: few or many forms of a plural, each kind of separator, right to left.
_READERS = (None, "de-AT", "pl", "ar-EG", "ja", "fr-FR", "en-IN")
NO_ACCOUNT: Values = {}


def try_out(
    template: BoundTemplate,
    types: Mapping[str, str],
    language: str | None = None,
    account: Values = NO_ACCOUNT,
) -> None:
    """Render a template for samples of the columns that it names, and evaluate its branches.

    `language` is the text's own, and `account` what account.yml says.

    Raises:
        LiquidError: what fails, with its place.
    """
    iterations = work = 0
    samples = zip(sample_rows(types, _hints(template)), cycle(_READERS), strict=False)
    for (profile, today), reader in samples:
        speech = speech_of(reader, language)
        context = render(template, profile, extras(today, account), speech)[1]
        iterations += context.spent.iterations
        work += context.spent.work
        # An expensive template is tried on fewer samples; how many doesn't depend on the machine.
        if iterations > 2 * MAX_ITERATIONS or work > MAX_WORK:
            break
    for is_reversed in (False, True):
        seen = aliased(full_row(types), extras(TODAY, account))
        context = BoundedContext(template, globals=seen, speech=speech_of(None, language))
        _walk(template.nodes, context, is_reversed=is_reversed)


def render(
    template: BoundTemplate, profile: Values, more: Values, speech: Speech
) -> tuple[str, BoundedContext]:
    """Render a template; return the text, and the context with its counts.

    Raises:
        LiquidError: it fails for these values.
    """
    context = BoundedContext(template, globals=aliased(profile, more), speech=speech)
    buffer = context.get_buffer()
    template.render_with_context(context, buffer)
    return buffer.getvalue(), context


def extras(today: date, account: Values = NO_ACCOUNT) -> dict[str, Any]:
    """Return sample values of the names that a template sees beside the profile."""
    return {
        "campaign": "campaign", "segment": "segment", "today": today, "reporting_currency": "usd",
        "account": account,
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
    elif isinstance(node, RenderNode):
        _walk_partial(node, children, context, is_reversed=is_reversed)
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


def _walk_partial(
    node: RenderNode, children: list[Node], context: BoundedContext, *, is_reversed: bool
) -> None:
    """Evaluate every node of a partial, with what it is given; of a list its first item."""
    given = {argument.name: argument.value.evaluate(context) for argument in node.args}
    if node.var is not None:
        value = node.var.evaluate(context)
        if node.loop and isinstance(value, (list, tuple)):
            value = next(iter(value), None)
        given[str(node.alias or node.name)] = value
    with context.extend(given):
        _walk(children, context, is_reversed=is_reversed)


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
