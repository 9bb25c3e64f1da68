"""Liquid templates: every name checked before a run starts, nothing undefined when they render.

A template sees `profile.<column of customer_profiles>` and the EXTRAS below.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from liquid import BoundTemplate, Environment
from liquid.exceptions import FilterArgumentError, LiquidError, UndefinedError
from liquid.filter import liquid_filter
from liquid.undefined import StrictDefaultUndefined

from stripe_pipeline.activation.contract import Contract, near_miss

# What a template may name beside the profile.
EXTRAS: Mapping[str, str] = {
    "campaign": "the campaign's name",
    "segment": "the segment's key",
    "today": "the day of the run in the reporting time zone",
    "reporting_currency": "the currency of totals, in lower case",
}


class TemplateError(Exception):
    """Something wrong in a template: what it is, the text that shows it, and where that starts."""

    def __init__(self, message: str, near: str = "", position: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.near = near
        self.position = position


@dataclass(frozen=True)
class Template:
    """A template's source, and what it takes to render it."""

    source: str

    @cached_property
    def _bound(self) -> BoundTemplate:
        return _ENVIRONMENT.from_string(self.source)

    @cached_property
    def fields(self) -> frozenset[str]:
        """The profile's columns that the template names."""
        paths = self._bound.analyze().globals.get("profile", [])
        return frozenset(str(path.segments[1]) for path in paths if len(path.segments) > 1)

    def check(self, contract: Contract) -> None:
        """Find what would fail: syntax, unknown names and filters, values without a default.

        Raises:
            TemplateError: the first thing that is wrong.
        """
        try:
            self._check_names(contract)
        except LiquidError as error:
            raise _from_liquid(error) from None
        # Any column may be null for somebody, so a template has to stand a profile of nulls.
        self.render(dict.fromkeys(contract.profile_fields), dict.fromkeys(EXTRAS))

    def render(self, profile: Mapping[str, Any], extras: Mapping[str, Any]) -> str:
        """Fill the template in.

        Raises:
            TemplateError: a name is undefined or a filter can't take its value.
        """
        try:
            return self._bound.render(profile=profile, **extras)
        except LiquidError as error:
            raise _from_liquid(error) from None
        except (ArithmeticError, TypeError, ValueError):
            # Not repeated: the error's own text may quote a person's data.
            raise TemplateError("a filter can't take the value it is given.") from None

    def _check_names(self, contract: Contract) -> None:
        analysis = self._bound.analyze()
        for name, places in analysis.filters.items():
            if name not in _ENVIRONMENT.filters:
                hint = near_miss(name, _ENVIRONMENT.filters)
                raise TemplateError(f"there is no filter {name}{hint}", name, places[0].index)
        for paths in analysis.globals.values():
            for path in paths:
                _check_path(path.segments, path.span.index, str(path), contract)


def _check_path(segments: list[Any], position: int, text: str, contract: Contract) -> None:
    known = {f"profile.{field}" for field in contract.profile_fields}
    if segments[0] in EXTRAS and len(segments) == 1:
        return
    if segments[0] != "profile":
        # The column alone is the likeliest slip of all.
        meant = f"profile.{segments[0]}"
        hint = f"; did you mean {meant}?" if meant in known else near_miss(text, {*known, *EXTRAS})
        raise TemplateError(f"there is no {text}{hint}", text, position)
    if len(segments) == 1 or not isinstance(segments[1], str):
        raise TemplateError(
            f"{text} has to name a column, such as profile.first_name.", text, position
        )
    if segments[1] not in contract.profile_fields:
        hint = near_miss(f"profile.{segments[1]}", known)
        raise TemplateError(f"there is no {text}{hint}", text, position)


def _from_liquid(error: LiquidError) -> TemplateError:
    token = error.token
    position = token.start_index if token and token.start_index >= 0 else None
    message = str(error.message).rstrip(".").replace("_date()", "date()")
    if isinstance(error, UndefinedError):
        message += "; give it a value for those who have none, as in `| default: 0`"
    return TemplateError(f"{message}.", token.value if token else "", position)


@liquid_filter
def _date(value: Any, form: str) -> str:
    """Print a date by a strftime form; nothing for a null."""
    if value is None or value == "":
        return ""
    if not hasattr(value, "strftime"):
        # Liquid's "now" would read the clock, and the same run would not print the same twice.
        raise FilterArgumentError("date takes a date of the profile, or today", token=None)
    return value.strftime(form)


def _environment() -> Environment:
    environment = Environment(undefined=StrictDefaultUndefined)
    # Templates stand alone: there are no others to include.
    for tag in ("include", "render"):
        del environment.tags[tag]
    environment.add_filter("date", _date)
    return environment


_ENVIRONMENT = _environment()
