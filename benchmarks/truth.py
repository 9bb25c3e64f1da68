"""Are the rows right: what a tool has loaded against the demo store's own file.

The truth is read from the store's SQLite file and not through its server, so that nothing that
lists can leave out is left out of both.
"""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

RESOURCES = ("customers", "invoices", "subscriptions")

LISTED = """
select resource, id from objects where is_listed and resource in (?, ?, ?)
"""
# Of no list, but there: what is on a test clock. A deleted object is only a stub.
UNLISTED = """
select resource, id from objects
where not is_listed and resource in (?, ?, ?)
    and json_extract(cast(body as text), '$.deleted') is null
"""
# A long list of lines is stored beside the invoice, a short one inside it.
INVOICES = """
select
    id,
    json_extract(cast(body as text), '$.total'),
    coalesce(
        (
            select nullif(count(*), 0) from children
            where children.resource = 'invoices' and children.parent = objects.id
        ),
        json_array_length(cast(body as text), '$.lines.data')
    )
from objects where resource = 'invoices' and is_listed
"""


@dataclass
class Rows:
    """What stands in a set of tables.

    `ids` are every row's, by resource, so that a row that is there twice is seen; `totals` and
    `lines` (a count) are by invoice. `others` are ids that may be loaded as well.
    """

    ids: dict[str, list[str]]
    totals: dict[str, int | None]
    lines: dict[str, int]
    others: dict[str, set[str]] = field(default_factory=dict)

    @property
    def objects(self) -> int:
        """How many rows there are, lines left aside."""
        return sum(map(len, self.ids.values()))


def read_truth(file: Path) -> Rows:
    """What a complete load of a demo store holds."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as store:
        invoices = store.execute(INVOICES).fetchall()
        return Rows(
            ids={name: list(found) for name, found in _by_resource(store, LISTED).items()},
            totals={identifier: total for identifier, total, _ in invoices},
            lines={identifier: lines for identifier, _, lines in invoices},
            others={name: set(found) for name, found in _by_resource(store, UNLISTED).items()},
        )


def _by_resource(store: sqlite3.Connection, query: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {name: [] for name in RESOURCES}
    for resource, identifier in store.execute(query, RESOURCES):
        found[resource].append(identifier)
    return found


def differences(truth: Rows, loaded: Rows) -> list[str]:
    """What is wrong with the loaded rows, a few words each; empty when all is right."""
    found = [words for name in RESOURCES for words in _rows_of(name, truth, loaded)]
    shared = truth.totals.keys() & loaded.totals.keys()
    wrong = sum(truth.totals[each] != loaded.totals[each] for each in shared)
    if wrong:
        found.append(f"the total of {wrong:,} of {len(shared):,} invoices wrong")
    return found + _lines(truth, loaded)


def _rows_of(name: str, truth: Rows, loaded: Rows) -> Iterable[str]:
    expected, there = set(truth.ids[name]), set(loaded.ids[name])
    extra = there - expected - truth.others.get(name, set())
    numbers = {
        "missing": len(expected - there),
        "twice": len(loaded.ids[name]) - len(there),
        "that Stripe no longer has": len(extra),
    }
    called = {number: name if number > 1 else name[:-1] for number in numbers.values()}
    return [f"{number:,} {called[number]} {what}" for what, number in numbers.items() if number]


def _lines(truth: Rows, loaded: Rows) -> list[str]:
    """Compare invoices that are there: a missing one is told of already."""
    counts = [(truth.lines[each], loaded.lines.get(each, 0)) for each in truth.lines.keys()
              & set(loaded.ids["invoices"])]  # fmt: skip
    expected = sum(there for there, _ in counts)
    missing = sum(max(0, there - came) for there, came in counts)
    more = sum(max(0, came - there) for there, came in counts)
    found = []
    if missing:
        found.append(f"{missing:,} of {expected:,} lines missing ({missing / expected:.1%})")
    if more:
        found.append(f"{more:,} lines more than there are")
    return found
