"""Sentences about texts, lists of texts, and what is yes or no."""

import re

from stripe_pipeline.segments.fields import Column
from stripe_pipeline.segments.literals import text_literal
from stripe_pipeline.segments.patterns import (
    KNOWN,
    Bound,
    Builder,
    Comparison,
    Others,
    fixed,
    pattern,
)


def _texts(text: str) -> list[str]:
    found = re.findall(r"\s*(?:\"([^\"]*)\"|'([^']*)'|([^,]+))\s*(?:,|$)", text)
    return [next(filter(None, each), "").strip() for each in found]


def _one_text(name: str, condition: str, *, told: bool = False) -> Builder:
    def build(found: "re.Match[str]", column: Column, others: Others) -> Comparison:
        bound = Bound(name, text_literal(found[1].strip("\"'")))
        return Comparison(condition, (bound,), is_told_by_value=told)

    return build


def _like(name: str, before: str, after: str) -> Builder:
    def build(found: "re.Match[str]", column: Column, others: Others) -> Comparison:
        text = found[1].strip("\"'")
        escaped = re.sub(r"([%_!])", r"!\1", text)
        condition = f"{{value}} like {text_literal(before + escaped + after)} escape '!'"
        return Comparison(condition, (Bound(name, text_literal(text)),))

    return build


def _one_of(name: str, operator: str) -> Builder:
    def build(found: "re.Match[str]", column: Column, others: Others) -> Comparison:
        texts = _texts(found[1])
        listed = ", ".join(text_literal(each) for each in texts)
        bound = Bound(name, text_literal(", ".join(texts)))
        return Comparison(f"{{value}} {operator} ({listed})", (bound,))

    return build


def _includes(name: str, joint: str, *, negated: bool = False) -> Builder:
    def build(found: "re.Match[str]", column: Column, others: Others) -> Comparison:
        texts = _texts(found[1])
        each = [f"{{{{ is_in_list('{text_literal(text, inside=True)}', '{{value}}') }}}}"
                for text in texts]  # fmt: skip
        condition = f" {joint} ".join(each)
        condition = f"({condition})" if len(each) > 1 else condition
        bound = Bound(name, text_literal(", ".join(texts)))
        return Comparison(f"not {condition}" if negated else condition, (bound,))

    return build


TEXTS = [
    *KNOWN,
    pattern("is one of TEXTS", _one_of("is_one_of", "in")),
    pattern("is none of TEXTS", _one_of("is_none_of", "not in")),
    pattern("starts with TEXT", _like("starts_with", "", "%")),
    pattern("ends with TEXT", _like("ends_with", "%", "")),
    pattern("contains TEXT", _like("contains", "%", "%")),
    pattern("is not TEXT", _one_text("is_not", "{value} <> {bound}")),
    pattern("is TEXT", _one_text("is", "{value} = {bound}", told=True)),
]
LISTS = [
    *KNOWN,
    pattern("is empty", fixed("{{ list_length('{value}') }} = 0")),
    pattern("is not empty", fixed("{{ list_length('{value}') }} > 0")),
    pattern("includes all of TEXTS", _includes("includes_all_of", "and")),
    pattern("includes any of TEXTS", _includes("includes_any_of", "or")),
    pattern("includes none of TEXTS", _includes("includes_none_of", "or", negated=True)),
    pattern("includes TEXT", _includes("includes", "and")),
]
FLAGS = [
    *KNOWN,
    pattern("(?:is )?(?:true|yes)", fixed("{value}", told=True)),
    pattern("(?:is )?(?:false|no)", fixed("not {value}", told=True)),
]
