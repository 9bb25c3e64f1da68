"""Put this project's comparisons and literals into a parsed template.

python-liquid compares with functions of its own, which know no dates and give false where kinds
differ, and reads 0.1 as a float. So the parts of a parsed template that do so are replaced.
"""

from collections.abc import Callable, Iterable, Iterator

from liquid import BoundTemplate, RenderContext
from liquid.ast import Node
from liquid.builtin.expressions import BooleanExpression
from liquid.builtin.expressions.logical import (
    ContainsExpression,
    EqExpression,
    GeExpression,
    GtExpression,
    LeExpression,
    LogicalAndExpression,
    LogicalOrExpression,
    LtExpression,
    NeExpression,
)
from liquid.builtin.expressions.primitive import FloatLiteral
from liquid.builtin.tags.case_tag import MultiExpressionBlockNode
from liquid.exceptions import LiquidError
from liquid.expression import Expression
from liquid.token import Token

from stripe_pipeline.activation.templating.comparing import contains, equal, known, less
from stripe_pipeline.values.money import Number

Relation = Callable[[object, object], bool]

_RELATIONS: dict[type[Expression], Relation] = {
    EqExpression: equal,
    NeExpression: lambda left, right: not equal(left, right),
    LtExpression: less,
    GtExpression: lambda left, right: less(right, left),
    LeExpression: lambda left, right: less(left, right) or _same(left, right),
    GeExpression: lambda left, right: less(right, left) or _same(left, right),
    ContainsExpression: contains,
}


def _same(left: object, right: object) -> bool:
    """Return whether two values that aren't null are equal: `<=` is false for nulls."""
    return known(left) is not None and equal(left, right)


class Comparison(Expression):
    """A comparison of two values."""

    __slots__ = ("left", "relation", "right")

    def __init__(
        self, token: Token, left: Expression, right: Expression, relation: Relation
    ) -> None:
        super().__init__(token)
        self.left = left
        self.right = right
        self.relation = relation

    def evaluate(self, context: RenderContext) -> bool:
        """Compare the values in a context."""
        return _compare(self, self.left.evaluate(context), self.right.evaluate(context))

    def children(self) -> list[Expression]:
        """Return both sides."""
        return [self.left, self.right]


class Choice(Expression):
    """A `when`: whether one of its values equals that of its `case`."""

    __slots__ = ("expressions", "left", "relation")

    def __init__(self, token: Token, left: Expression, expressions: list[Expression]) -> None:
        super().__init__(token)
        self.left = left
        self.expressions = expressions
        self.relation = equal

    def evaluate(self, context: RenderContext) -> list[bool]:
        """Return a list of one bool, whether any value equals: the block renders at most once."""
        left = self.left.evaluate(context)
        return [any(_compare(self, left, each.evaluate(context)) for each in self.expressions)]

    def children(self) -> list[Expression]:
        """Return the values."""
        return self.expressions


class Value(Expression):
    """A value as a condition: a part that isn't there is null, so false."""

    __slots__ = ("expression",)

    def __init__(self, expression: Expression) -> None:
        super().__init__(expression.token)
        self.expression = expression

    def evaluate(self, context: RenderContext) -> object:
        """Return the value in a context."""
        return known(self.expression.evaluate(context))

    def children(self) -> list[Expression]:
        """Return the expression of the value."""
        return [self.expression]


def _compare(comparison: Comparison | Choice, left: object, right: object) -> bool:
    try:
        return comparison.relation(left, right)
    except LiquidError as error:
        error.token = comparison.token
        raise


def nodes_of(template: BoundTemplate) -> Iterator[Node]:
    """Yield every node of a template, parents first."""
    context = template.context_class(template)

    def below(nodes: Iterable[Node]) -> Iterator[Node]:
        for node in nodes:
            yield node
            yield from below(node.children(context))

    return below(template.nodes)


def expressions_of(node: Node) -> Iterator[Expression]:
    """Yield every expression of one node, parents first, without those of its children."""
    waiting = list(node.expressions())
    while waiting:
        expression = waiting.pop()
        yield expression
        waiting.extend(expression.children())


def adapt(template: BoundTemplate) -> BoundTemplate:
    """Make a template compare and count as this project does."""
    for node in nodes_of(template):
        if isinstance(node, MultiExpressionBlockNode):
            old = node.expression
            node.expression = Choice(old.token, old.left, old.expressions)  # type: ignore[assignment]
        for expression in list(expressions_of(node)):
            _adapt(expression)
    return template


def _adapt(expression: Expression) -> None:
    if isinstance(expression, FloatLiteral):
        expression.value = Number(expression.token.value)  # type: ignore[assignment]
    if isinstance(expression, BooleanExpression):
        expression.expression = _condition(expression.expression)


def _condition(expression: Expression) -> Expression:
    if isinstance(expression, (LogicalAndExpression, LogicalOrExpression)):
        expression.left = _condition(expression.left)
        expression.right = _condition(expression.right)
        return expression
    relation = _RELATIONS.get(type(expression))
    if relation is None:
        return Value(expression)
    left, right = _condition(expression.left), _condition(expression.right)  # type: ignore[attr-defined]
    return Comparison(expression.token, left, right, relation)
