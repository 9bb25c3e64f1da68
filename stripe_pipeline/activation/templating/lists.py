"""Lists in templates: a null is an empty list, and any other value is refused.

A profile has lists of texts (plan names, coupons) and maps of amounts by currency. Filters that
look into the items by a key take a map, or a list of maps.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from stripe_pipeline.activation.templating.comparing import equal, less
from stripe_pipeline.activation.templating.kinds import as_text, kind_of, refusal
from stripe_pipeline.activation.templating.numbers import Numeric, like, number, refuse_mixed
from stripe_pipeline.values.money import EXACT

Items = list[Any]


def items(value: object, name: str) -> Items:
    """Return a filter's value as a list.

    Raises:
        FilterArgumentError: it is none.
    """
    if value is None:
        return []
    if isinstance(value, (list, tuple, range)):
        return list(value)
    raise refusal(f"{name} takes a list, not {kind_of(value)}")


def _maps(value: object, name: str) -> Items:
    found = [value] if isinstance(value, Mapping) else items(value, name)
    if not all(isinstance(item, Mapping) for item in found):
        raise refusal(f"{name} takes a map, or a list of maps")
    return found


def _join(value: object, separator: object = " ") -> str:
    return as_text(separator).join(as_text(item) for item in items(value, "join"))


def _first(value: object) -> object:
    found = items(list(value.items()) if isinstance(value, Mapping) else value, "first")
    return found[0] if found else None


def _last(value: object) -> object:
    found = items(list(value.items()) if isinstance(value, Mapping) else value, "last")
    return found[-1] if found else None


def _concat(value: object, other: object) -> Items:
    return items(value, "concat") + items(other, "concat")


def _reverse(value: object) -> Items:
    return items(value, "reverse")[::-1]


def _compact(value: object) -> Items:
    return [item for item in items(value, "compact") if item is not None]


def _uniq(value: object) -> Items:
    """Deduplicate the items, keeping the first of equal ones."""
    seen, found = set(), []
    for item in items(value, "uniq"):
        key = (kind_of(item), as_text(item))
        if key not in seen:
            seen.add(key)
            found.append(item)
    return found


class _Ordered:
    """A sort key: nulls are last, and kinds that don't compare are refused."""

    def __init__(self, item: object) -> None:
        self.item = item

    def __lt__(self, other: "_Ordered") -> bool:
        if self.item is None or other.item is None:
            return other.item is None and self.item is not None
        return less(self.item, other.item)


def _sort(value: object) -> Items:
    return sorted(items(value, "sort"), key=_Ordered)


def _sort_natural(value: object) -> Items:
    """Sort texts without regard to case."""
    return sorted(items(value, "sort_natural"), key=lambda item: as_text(item).casefold())


def _sum(value: object) -> Numeric | None:
    """Add numbers; null where one of them or the list is null, rather than a partial sum."""
    if value is None:
        return None
    total: Numeric = 0
    for item in items(value, "sum"):
        found = number(item, "sum")
        if found is None:
            return None
        refuse_mixed(total, found)
        total = like(
            total + found
            if isinstance(total, int) and isinstance(found, int)
            else EXACT.add(total, found),
            total,
            found,
        )
    return total


def _by_key(name: str, select: Callable[..., object]) -> Callable[..., object]:
    """Return a filter that selects maps by comparing their value under a key."""

    def apply(value: object, key: object, wanted: object = None) -> object:
        return select(_matching(_maps(value, name), as_text(key), wanted))

    return apply


def _matching(maps: Items, key: str, wanted: object) -> Iterable[tuple[int, Any, bool]]:
    for place, item in enumerate(maps):
        found = item.get(key)
        hit = found not in (None, False) if wanted is None else equal(found, wanted)
        yield place, item, hit


def _map(value: object, key: object) -> Items:
    return [item.get(as_text(key)) for item in _maps(value, "map")]


FILTERS: dict[str, Callable[..., object]] = {
    "compact": _compact,
    "concat": _concat,
    "find": _by_key("find", lambda all_: next((item for _, item, hit in all_ if hit), None)),
    "find_index": _by_key(
        "find_index", lambda all_: next((place for place, _, hit in all_ if hit), None)
    ),
    "first": _first,
    "has": _by_key("has", lambda all_: any(hit for _, _, hit in all_)),
    "join": _join,
    "last": _last,
    "map": _map,
    "reject": _by_key("reject", lambda all_: [item for _, item, hit in all_ if not hit]),
    "reverse": _reverse,
    "sort": _sort,
    "sort_natural": _sort_natural,
    "sum": _sum,
    "uniq": _uniq,
    "where": _by_key("where", lambda all_: [item for _, item, hit in all_ if hit]),
}
