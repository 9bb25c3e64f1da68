"""Static checks of a template, without rendering it: its size, its markup, the names in it."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from liquid import BoundTemplate
from liquid.builtin.expressions import FilteredExpression, Literal
from liquid.builtin.expressions.filtered import Filter
from liquid.builtin.expressions.logical import LogicalAndExpression, LogicalOrExpression
from liquid.expression import Expression

from stripe_pipeline.activation.contract import Contract, near_miss
from stripe_pipeline.activation.templating.aliases import NOT_IN_STRIPE, ROOTS, names_of
from stripe_pipeline.activation.templating.conditions import expressions_of, nodes_of
from stripe_pipeline.activation.templating.environment import FILTERS
from stripe_pipeline.activation.templating.limits import MAX_PLACEHOLDERS, MAX_SOURCE
from stripe_pipeline.activation.templating.partials import names_no_file

# What a template may name beside the profile.
EXTRAS: Mapping[str, str] = {
    "campaign": "the campaign's name",
    "segment": "the segment's key",
    "today": "the day of the run in the reporting time zone",
    "reporting_currency": "the currency of totals, in lower case",
}
_RESERVED = {"profile", *ROOTS, *EXTRAS}
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
    """An error in a template: the message, the text at fault, and where that starts.

    `path` is the partial's file where it is in one. `others` are further errors in the template.
    """

    def __init__(
        self, message: str, near: str = "", position: int | None = None, path: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.near = near
        self.position = position
        self.path = path
        self.others: tuple[TemplateError, ...] = ()


def check_size(source: str) -> None:
    """Refuse a template that would take the parser too long.

    Raises:
        TemplateError: it is too long, or a placeholder has no end.
    """
    if len(source) > MAX_SOURCE:
        raise TemplateError(f"the template is longer than {MAX_SOURCE:,} characters.")
    if len(_DELIMITER.findall(source)) > MAX_PLACEHOLDERS:
        raise TemplateError(f"the template has more than {MAX_PLACEHOLDERS:,} placeholders.")
    # From each of many open braces the parser would search the rest of the text for an end.
    if (opened := source.rfind("{{")) > source.rfind("}}"):
        raise TemplateError("expected '}}', found end of file.", "{{", opened)


def check_markup(source: str, *, html: bool, remedy: str) -> None:
    """Refuse HTML tags in a text, and HTML attributes that a value could end.

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


def wrong_names(template: BoundTemplate, contract: Contract) -> list[TemplateError]:
    """Return unknown names and filters, and assigned names that would shadow the product's.

    The `path` of one in a partial is the partial's name or its text, as Liquid has it.
    """
    found = [*_wrong_filters(template), *_wrong_paths(template, contract), *_own_names(template)]
    for node in nodes_of(template):
        if names_no_file(node):
            said = 'render takes the name of a partial in quotes, as in {% render "footer" %}.'
            found.append(TemplateError(said, node.token.value, node.token.start_index))
        for expression in expressions_of(node):
            found += _wrong_expression(expression)
    return sorted(found, key=lambda error: error.position or 0)


def _wrong_filters(template: BoundTemplate) -> Iterator[TemplateError]:
    for name, places in template.analyze().filters.items():
        if name not in FILTERS:
            said = f"there is no filter {name}{near_miss(name, FILTERS)}"
            yield from (
                TemplateError(said, name, place.index, place.template_name) for place in places
            )


def _wrong_paths(template: BoundTemplate, contract: Contract) -> Iterator[TemplateError]:
    for paths in template.analyze().globals.values():
        for path in paths:
            if said := _wrong_path(path.segments, str(path), contract):
                yield TemplateError(said, str(path), path.span.index, path.span.template_name)


def _own_names(template: BoundTemplate) -> Iterator[TemplateError]:
    for node in nodes_of(template):
        for name in (*node.template_scope(), *node.block_scope()):
            if str(name) in _RESERVED:
                yield TemplateError(
                    f"{name} is the product's own name; call it something else.", str(name),
                    node.token.start_index, node.token.source,
                )  # fmt: skip


def _wrong_expression(expression: Expression) -> Iterator[TemplateError]:
    if isinstance(expression, FilteredExpression):
        for each in expression.filters or []:
            yield from _wrong_divisor(each)
    if isinstance(expression, (LogicalAndExpression, LogicalOrExpression)):
        yield from _wrong_joined(expression)


def _wrong_joined(
    expression: LogicalAndExpression | LogicalOrExpression,
) -> Iterator[TemplateError]:
    """Refuse `a or b and c`: Liquid evaluates it right to left, python-liquid in its own order."""
    logical = (LogicalAndExpression, LogicalOrExpression)
    for side in (expression.left, expression.right):
        if isinstance(side, logical) and type(side) is not type(expression):
            yield TemplateError(
                "a condition with both `and` and `or` can be read in two ways; put one `if` into "
                "another.",
                expression.token.value,
                expression.token.start_index,
                expression.token.source,
            )
            return


def _wrong_divisor(each: Filter) -> Iterator[TemplateError]:
    if each.name in ("divided_by", "modulo") and each.args:
        divisor = each.args[0].value
        if isinstance(divisor, Literal) and str(divisor.value).strip("0.") == "":
            yield TemplateError(
                f"{each.name} can't divide by 0.",
                each.name,
                each.token.start_index,
                each.token.source,
            )


def _wrong_path(segments: list[Any], text: str, contract: Contract) -> str | None:
    """Return what is wrong with a path; None if nothing is."""
    known = {f"profile.{field}" for field in contract.profile_fields}
    root = segments[0] if isinstance(segments[0], str) else text
    if root in EXTRAS and len(segments) == 1:
        return None
    if root in ROOTS:
        return _wrong_alias(root, segments[1:], text)
    if root != "profile":
        return f"there is no {text}{_meant(root, text, known)}"
    if len(segments) == 1 or not isinstance(segments[1], str):
        return f"{text} has to name a column, such as profile.first_name."
    if segments[1] not in contract.profile_fields:
        return f"there is no {text}{near_miss(f'profile.{segments[1]}', known)}"
    return None


def _wrong_alias(root: str, parts: list[Any], text: str) -> str | None:
    known = {f"{root}.{name}" for name in names_of(root)}
    if len(parts) == 1 and f"{root}.{parts[0]}" in known:
        return None
    if root == "user" and len(parts) == 1 and parts[0] in NOT_IN_STRIPE:
        return (
            f"Stripe has no {text}; take it out, or keep it as metadata of the customer and name "
            "the key in STRIPE_PIPELINE_CUSTOMER_METADATA."
        )
    return f"there is no {text}{near_miss(text, known)}"


def _meant(root: str, text: str, known: Collection[str]) -> str:
    # The likeliest mistake is a column without `profile.` before it.
    meant = f"profile.{root}"
    return f"; did you mean {meant}?" if meant in known else near_miss(text, {*known, *EXTRAS})
