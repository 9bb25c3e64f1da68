"""DailyStory's comparisons in Liquid: texts without regard to case, numbers and dates by value."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from stripe_pipeline.activation.dailystory.fields import Field, Untranslatable
from stripe_pipeline.contacts.countries import country_code

# Each operator in Liquid.
OPERATORS: Mapping[str, str] = {
    "=": "==", "<>": "!=", "!=": "!=", "<": "<", ">": ">", "<=": "<=", ">=": ">=",
}  # fmt: skip
_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,20})?")


@dataclass(frozen=True)
class Condition:
    """A condition in Liquid, with the assignments that stand before it."""

    test: str
    before: str = ""


class Comparer:
    """Writes comparisons; `remark` takes what a person should know about one.

    What has to be prepared by a filter gets a name of its own, `story_1` and so on.
    """

    def __init__(self, remark: Callable[[str], None]) -> None:
        self._remark = remark
        self._names = 0

    def with_text(self, field: Field, operator: str, text: str) -> Condition:
        """Compare a field with a text in quotes.

        Raises:
            Untranslatable: they can't be compared.
        """
        if field.kind == "text":
            return self._text(field, operator, self._meant(field, text))
        return Condition(f"{field.path} {operator} {literal(field, text)}")

    def with_field(self, field: Field, operator: str, other: Field) -> Condition:
        """Compare a field with another one.

        Raises:
            Untranslatable: they are of different kinds.
        """
        if field.kind != other.kind or field.kind == "list":
            raise Untranslatable(f"{field.path} and {other.path} are of kinds that don't compare.")
        if field.kind != "text":
            return Condition(f"{field.path} {operator} {other.path}")
        left, right = self._name(), self._name()
        before = assigned(left, field, "downcase") + assigned(right, other, "downcase")
        known = f"{field.path} != blank and {other.path} != blank and "
        is_order = operator not in ("==", "!=")
        return Condition(f"{known if is_order else ''}{left} {operator} {right}", before)

    def _text(self, field: Field, operator: str, text: str) -> Condition:
        name = self._name()
        if operator in ("==", "!="):
            before = assigned(name, field, "downcase")
            return Condition(f"{name} {operator} {quoted(text.lower())}", before)
        if _NUMBER.fullmatch(text):  # a custom field that holds a number as text
            return Condition(f"{name} {operator} {text}", assigned(name, field, "number"))
        if operator in ("<=", ">=") and not _is_date(text):
            raise Untranslatable(f"{operator} compares numbers and dates, and {text} is neither.")
        # A text that isn't there is neither smaller nor larger.
        test = f"{field.path} != blank and {name} {operator} {quoted(text.lower())}"
        return Condition(test, assigned(name, field, "downcase"))

    def _meant(self, field: Field, text: str) -> str:
        """Return the text to compare with: a country's code in the place of its name."""
        if field.column != "country" or re.fullmatch("[A-Za-z]{2}", text) or not text:
            return text
        code = country_code(text)
        if code is None:
            raise Untranslatable(
                f"{field.path} holds a country's two letters, such as CA, and {text} is no country."
            )
        self._remark(f"{text} became {code}, as {field.path} holds a country's two letters.")
        return code

    def text_of_case(self, field: Field, text: str) -> str:
        """Return the value of a case of a switch in Liquid."""
        return quoted(self._meant(field, text)) if field.kind == "text" else literal(field, text)

    def _name(self) -> str:
        self._names += 1
        return f"story_{self._names}"


def literal(field: Field, text: str) -> str:
    """Return a text in quotes as a value of a field's kind.

    Raises:
        Untranslatable: it is none.
    """
    if field.kind == "number" and _NUMBER.fullmatch(text.strip()):
        return text.strip().lstrip("+")
    if field.kind == "date" and _is_date(text):
        return quoted(text.strip())
    if field.kind == "truth" and text.casefold() in ("true", "false"):
        return text.casefold()
    wanted = {
        "number": "a number, such as '5'",
        "date": "a date, such as '2026-01-31'",
        "truth": "'true' or 'false'",
    }.get(field.kind)
    if wanted is None:
        raise Untranslatable(f"{field.path} is a list, and is compared with no text.")
    raise Untranslatable(f"{field.path} is compared with {wanted}, not with '{text}'.")


def quoted(text: str) -> str:
    """Return a text as Liquid writes one.

    Raises:
        Untranslatable: Liquid has no way to write it.
    """
    if "}}" in text or "%}" in text or ('"' in text and "'" in text):
        raise Untranslatable("a text in quotes has both kinds of quotes, or braces; change it.")
    return f"'{text}'" if '"' in text else f'"{text}"'


def assigned(name: str, field: Field, prepared: str) -> str:
    """Return the assignment of a field's value, prepared by a filter, to a name."""
    return f"{{% assign {name} = {field.path} | {prepared} %}}"


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text.strip())
    except ValueError:
        return False
    return True
