"""Apply `expand`: fill in hidden fields, and objects in place of their ids."""

from collections.abc import Callable
from typing import Any

import msgspec

from stripe_pipeline.demo.store import errors
from stripe_pipeline.demo.store.endpoints import (
    BY_RESOURCE,
    COLLECTED,
    INCLUDABLE,
    REFERENCES,
)
from stripe_pipeline.demo.store.listing import Found
from stripe_pipeline.demo.store.store import Store

Body = dict[str, Any]
Allow = Callable[[str], None]

DEEPEST = 4
FIELDS_OF_IDS = {name for fields in REFERENCES.values() for name in fields}


def list_paths(asked: list[str]) -> list[str]:
    """Return the expand paths of a list request, as paths below one entry.

    Raises:
        StripeError: a path is too deep, or doesn't start with `data.`.
    """
    _check_depth(asked)
    for path in asked:
        if not path.startswith("data."):
            raise _not_expandable(path)
    return [path.removeprefix("data.") for path in asked]


def retrieve_paths(asked: list[str]) -> list[str]:
    """Return the expand paths of a retrieve request.

    Raises:
        StripeError: a path is too deep.
    """
    _check_depth(asked)
    return asked


def _check_depth(asked: list[str]) -> None:
    for path in asked:
        if path.count(".") >= DEEPEST:
            raise errors.invalid(
                "expand", f"You cannot expand more than {DEEPEST} levels of a property: {path}"
            )


def _not_expandable(path: str) -> errors.StripeError:
    return errors.invalid(
        "expand",
        f"This property cannot be expanded ({path}). You may want to try expanding 'data.{path}' "
        "instead.",
    )


class Expander:
    """An expander of the objects of one answer.

    `allow` is called with the permission that an expanded object needs, and raises where it is
    missing.
    """

    def __init__(self, store: Store, kind: str, paths: list[str], allow: Allow) -> None:
        self._store = store
        self._kind = kind
        self._paths = paths
        self._allow = allow
        self._hidden_only = all(path in INCLUDABLE.get(kind, ()) for path in paths)
        self._ids = _starts_of_ids(paths)

    def bodies(self, found: list[Found]) -> list[bytes]:
        """Return the bodies of a page with everything expanded."""
        if not self._paths:
            return [one.body for one in found]
        if self._hidden_only:
            return [self._spliced(one) for one in found]
        # The first one is always expanded, so that a wrong path is refused.
        return [
            self._expanded(one) if place == 0 or self._is_to_fill(one) else one.body
            for place, one in enumerate(found)
        ]

    def _is_to_fill(self, one: Found) -> bool:
        """Return whether a body may hold an id to expand, by searching its bytes.

        Most invoices have no discount: searching first is several times faster than decoding all.
        """
        return not self._ids or any(each in one.body for each in self._ids)

    def _expanded(self, one: Found) -> bytes:
        whole = msgspec.json.decode(one.body)
        extras = msgspec.json.decode(one.extras or b"{}")
        for path in self._paths:
            self._fill(whole, extras, self._kind, path.split("."), path)
        return msgspec.json.encode(whole)

    def _spliced(self, one: Found) -> bytes:
        """Return the body, not decoded, with hidden fields inserted before the closing brace."""
        if one.extras is None:
            return one.body
        fields = msgspec.json.decode(one.extras, type=dict[str, msgspec.Raw])
        parts = [b'"%s":%s' % (name.encode(), fields[name]) for name in self._paths
                 if name in fields]  # fmt: skip
        return b",".join([one.body[:-1], *parts]) + b"}" if parts else one.body

    def _fill(self, holder: Any, extras: Body, kind: str, steps: list[str], path: str) -> None:
        """Expand one path, step by step, inside an object or each object of a list."""
        if holder is None or isinstance(holder, str):
            return
        if isinstance(holder, list):
            for entry in holder:
                self._fill(entry, {}, entry.get("object", kind), steps, path)
            return
        name, rest = steps[0], steps[1:]
        below = self._step(holder, extras, kind, name, path)
        if rest and isinstance(below, dict) and below.get("object") == "list":
            if rest[0] != "data":
                raise _not_expandable(path)
            below, rest = below["data"], rest[1:]
        if rest:
            self._fill(below, {}, _kind_of(below, name), rest, path)

    def _step(self, holder: Body, extras: Body, kind: str, name: str, path: str) -> Any:
        if name in INCLUDABLE.get(kind, ()):
            if name in extras:
                holder[name] = extras[name]
        elif name in COLLECTED.get(kind, {}):
            holder[name] = self._collected(holder, *COLLECTED[kind][name])
        elif name in REFERENCES.get(kind, {}):
            holder[name] = self._resolved(holder.get(name), REFERENCES[kind][name])
        elif not isinstance(holder.get(name), dict | list):
            raise _not_expandable(path)
        return holder.get(name)

    def _resolved(self, value: Any, resource: str) -> Any:
        if isinstance(value, list):
            return [self._resolved(entry, resource) for entry in value]
        if not isinstance(value, str):
            return value
        self._allow(BY_RESOURCE[resource].permission)
        found = self._store.find(resource, value)
        return msgspec.json.decode(found[0]) if found else value

    def _collected(self, holder: Body, resource: str, column: str) -> Body:
        self._allow(BY_RESOURCE[resource].permission)
        rows = self._store.reader.execute(
            f"select body from objects where resource = ? and {column} = ? "
            "order by created desc, sequence desc limit 11",
            (resource, holder["id"]),
        ).fetchall()
        return {
            "object": "list",
            "data": [msgspec.json.decode(body) for (body,) in rows[:10]],
            "has_more": len(rows) > 10,
            "url": f"{BY_RESOURCE[resource].path}?{column}={holder['id']}",
        }


def _starts_of_ids(paths: list[str]) -> list[bytes]:
    """Return how the ids to expand begin in JSON, as an id or a list of ids; [] for other paths."""
    names = {path.split(".")[-1] for path in paths}
    if not names <= FIELDS_OF_IDS:
        return []
    return [f'"{name}":{start}'.encode() for name in sorted(names) for start in ('["', '"')]


def _kind_of(below: Any, name: str) -> str:
    """Return the name of an object's kind: its own, or that of the field that holds it."""
    if isinstance(below, dict):
        return str(below.get("object", name))
    return name
