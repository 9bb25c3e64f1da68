"""What can be said of a template without rendering it: its size, its markup, the names in it."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from liquid import BoundTemplate
from liquid.builtin.expressions import FilteredExpression, Literal
from liquid.builtin.expressions.filtered import Filter
from liquid.builtin.expressions.logical import LogicalAndExpression, LogicalOrExpression
from liquid.expression import Expression

from stripe_pipeline.activation.contract import Contract, near_miss
from stripe_pipeline.activation.templating.conditions import expressions_of, nodes_of
from stripe_pipeline.activation.templating.environment import FILTERS
from stripe_pipeline.activation.templating.limits import MAX_PLACEHOLDERS, MAX_SOURCE

# What a template may name beside the profile.
EXTRAS: Mapping[str, str] = {
    "campaign": "the campaign's name",
    "segment": "the segment's key",
    "today": "the day of the run in the reporting time zone",
    "reporting_currency": "the currency of totals, in lower case",
}
_RESERVED = {"profile", *EXTRAS}
_DELIMITER = re.compile(r"\{\{|\{%")
# Tags that emails are made of; <3 and <https://...> are none.
_HTML = re.compile(
    r"<!doctype\b|</?(?:a|abbr|b|blockquote|body|br|button|center|code|div|em|font|footer|h[1-6]|head"
    r"|header|hr|html|i|img|li|link|meta|ol|p|pre|s|section|small|span|strong|style|sub|sup|table"
    r"|tbody|td|tfoot|th|thead|title|tr|u|ul)(?:\s[^<>]*)?/?>|&(?:nbsp|amp|lt|gt|quot|#[0-9]+);",
    re.IGNORECASE,
)
# An attribute without quotes ends at the first blank of its value; what stands in quotes is passed.
_UNQUOTED = re.compile(
    r"""<[a-z][^<>"']*(?:(?:"[^"]*"|'[^']*')[^<>"']*)*=\s*[^\s"'<>]*\{\{""", re.IGNORECASE
)


class TemplateError(Exception):
    """Something wrong in a template: what it is, the text that shows it, and where that starts."""

    def __init__(self, message: str, near: str = "", position: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.near = near
        self.position = position


def check_size(source: str) -> None:
    """Refuse a template that would keep the parser busy.

    Raises:
        TemplateError: it is too long, or a placeholder has no end.
    """
    if len(source) > MAX_SOURCE:
        raise TemplateError(f"the template is longer than {MAX_SOURCE:,} characters.")
    if len(_DELIMITER.findall(source)) > MAX_PLACEHOLDERS:
        raise TemplateError(f"the template has more than {MAX_PLACEHOLDERS:,} placeholders.")
    # The parser would look for the end once more from each of many open braces.
    if (opened := source.rfind("{{")) > source.rfind("}}"):
        raise TemplateError("expected '}}', found end of file.", "{{", opened)


def check_markup(source: str, *, html: bool, remedy: str) -> None:
    """Refuse tags in what is text, and attributes of HTML that a value could end.

    Raises:
        TemplateError: with the place, and the remedy for tags.
    """
    if not html and (found := _HTML.search(source)):
        raise TemplateError(f"{found[0]} looks like HTML; {remedy}.", found[0], found.start())
    if html and (found := _UNQUOTED.search(source)):
        raise TemplateError(
            'put quotes around the value of the attribute, as in href="{{ ... }}".',
            found[0].splitlines()[-1],
            found.end() - 2,
        )


def check_names(template: BoundTemplate, contract: Contract) -> None:
    """Refuse names and filters that there aren't, and those that hide what the product gives.

    Raises:
        TemplateError: the first of them.
    """
    analysis = template.analyze()
    for name, places in analysis.filters.items():
        if name not in FILTERS:
            hint = near_miss(name, FILTERS)
            raise TemplateError(f"there is no filter {name}{hint}", name, places[0].index)
    for paths in analysis.globals.values():
        for path in paths:
            _check_path(path.segments, path.span.index, str(path), contract)
    _check_own_names(template)
    for node in nodes_of(template):
        for expression in expressions_of(node):
            _check_expression(expression)


def _check_own_names(template: BoundTemplate) -> None:
    for node in nodes_of(template):
        for name in (*node.template_scope(), *node.block_scope()):
            if str(name) in _RESERVED:
                raise TemplateError(
                    f"{name} is the product's own name; call it something else.", str(name),
                    node.token.start_index,
                )  # fmt: skip


def _check_expression(expression: Expression) -> None:
    if isinstance(expression, FilteredExpression):
        for each in expression.filters or []:
            _check_divisor(each)
    if isinstance(expression, (LogicalAndExpression, LogicalOrExpression)):
        _check_joined(expression)


def _check_joined(expression: LogicalAndExpression | LogicalOrExpression) -> None:
    """Refuse `a or b and c`: Liquid reads it from the right, python-liquid in its own order."""
    logical = (LogicalAndExpression, LogicalOrExpression)
    for side in (expression.left, expression.right):
        if isinstance(side, logical) and type(side) is not type(expression):
            raise TemplateError(
                "a condition with both `and` and `or` can be read in two ways; put one `if` into "
                "another.",
                expression.token.value,
                expression.token.start_index,
            )


def _check_divisor(each: Filter) -> None:
    if each.name in ("divided_by", "modulo") and each.args:
        divisor = each.args[0].value
        if isinstance(divisor, Literal) and str(divisor.value).strip("0.") == "":
            raise TemplateError(
                f"{each.name} can't divide by 0.", each.name, each.token.start_index
            )


def _check_path(segments: list[Any], position: int, text: str, contract: Contract) -> None:
    known = {f"profile.{field}" for field in contract.profile_fields}
    root = segments[0] if isinstance(segments[0], str) else text
    if root in EXTRAS and len(segments) == 1:
        return
    if root != "profile":
        raise TemplateError(f"there is no {text}{_meant(root, text, known)}", text, position)
    if len(segments) == 1 or not isinstance(segments[1], str):
        raise TemplateError(
            f"{text} has to name a column, such as profile.first_name.", text, position
        )
    if segments[1] not in contract.profile_fields:
        hint = near_miss(f"profile.{segments[1]}", known)
        raise TemplateError(f"there is no {text}{hint}", text, position)


def _meant(root: str, text: str, known: Collection[str]) -> str:
    # The column alone is the likeliest slip of all.
    meant = f"profile.{root}"
    return f"; did you mean {meant}?" if meant in known else near_miss(text, {*known, *EXTRAS})
