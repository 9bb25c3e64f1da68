"""What is wrong with the keys of a campaign file that say who gets it."""

from collections.abc import Iterator, Mapping
from typing import Any

from stripe_pipeline.activation.audience import (
    EVERY_STAY,
    NEVER,
    is_list,
    re_entry_of,
    span_of,
)
from stripe_pipeline.activation.contract import Contract, near_miss, wrong_condition
from stripe_pipeline.activation.triggers import TriggerError, checked_trigger
from stripe_pipeline.segments.lists import ListError, read_list

AUDIENCES = ("segment", "trigger")


def of_audience(values: Mapping[str, Any], contract: Contract) -> Iterator[tuple[str, str, str]]:
    """Yield each mistake with its key and words near it; what isn't text is told elsewhere."""
    for key, wrong in _of_keys(values, contract):
        yield key, "", wrong
    named = values.get("excludes")
    for name in named if isinstance(named, list) else []:
        if isinstance(name, str) and (wrong := _of_excluded(name, contract)):
            yield "excludes", name, wrong


def _of_keys(values: Mapping[str, Any], contract: Contract) -> Iterator[tuple[str, str]]:
    segment, trigger, within = (values.get(key) for key in ("segment", "trigger", "within"))
    if isinstance(segment, str) and segment and segment not in contract.segments:
        yield "segment", f"there is no segment {segment}{near_miss(segment, contract.segments)}"
    if isinstance(trigger, str) and trigger:
        yield from _of_trigger(trigger, contract)
    re_entry = values.get("re_entry")
    if isinstance(re_entry, str) and re_entry and (wrong := _of_re_entry(re_entry, values)):
        yield "re_entry", wrong
    if all(key in values for key in AUDIENCES):
        yield "trigger", "a campaign has a segment or a trigger; take one of them away."
    if "within" in values and "trigger" not in values:
        yield "within", "within is how old a trigger's fact may be; take the line away."
    elif isinstance(within, str) and within and span_of(within) is None:
        yield "within", f"{within} is no span of time; write it as `7 days` or `12 hours`."


def _of_excluded(name: str, contract: Contract) -> str:
    """Return what is wrong with a segment or list that gets no message; "" for nothing."""
    if not is_list(name):
        return wrong_condition(name, contract)
    try:
        read_list(contract.segment_folder, name)
    except ListError as error:
        return f"{error}."
    return ""


def _of_re_entry(text: str, values: Mapping[str, Any]) -> str:
    if "trigger" in values:
        return "re_entry is about stays in a segment, and a trigger has none; take the line away."
    try:
        re_entry_of(text)
    except ValueError:
        return f"re_entry is {EVERY_STAY}, {NEVER} or, say, `after 90 days`, and {text} is neither."
    return ""


def lacks_audience(values: Mapping[str, Any]) -> bool:
    """Return whether a file says neither a segment nor a trigger."""
    return not any(key in values for key in AUDIENCES)


def _of_trigger(trigger: str, contract: Contract) -> Iterator[tuple[str, str]]:
    try:
        checked_trigger(trigger, contract)
    except TriggerError as error:
        yield "trigger", str(error)
