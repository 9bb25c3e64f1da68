"""The tables of the comparison, for a terminal and for a page of Markdown."""

from collections.abc import Iterable, Sequence

from rich.table import Table

from benchmarks.peers.catalogue import BARE, THIS
from benchmarks.peers.trial import Row

HEADINGS = (
    "tool",
    "customers",
    "objects/s",
    "CPU s per 1,000",
    "peak memory",
    "requests/s",
    "rows right",
)
TITLES = {
    "unlimited": "No limit",
    "live": "200 ms a request, 100 requests/s",
    "live-endpoints": "200 ms a request, 100 requests/s, 25 to an endpoint",
}


def cells(row: Row) -> list[str]:
    """A row as text, in the order of the headings."""
    figures = row.figures
    if figures is None:
        return [row.peer.title, f"{row.customers:,}", "", "", "", "", row.rows]
    return [
        row.peer.title,
        f"{row.customers:,}",
        f"{figures.objects_a_second:,.0f}",
        f"{figures.cpu:.3f}",
        f"{figures.memory / 1e6:,.0f} MB",
        f"{figures.requests_a_second:.1f}",
        row.rows,
    ]


def on_terminal(mode: str, rows: Iterable[Row]) -> Table:
    """A table for a terminal."""
    table = Table(title=TITLES[mode])
    for heading in HEADINGS:
        if heading in _WORDS:
            table.add_column(heading, overflow="fold")
        else:
            table.add_column(heading.replace(" per ", " per\n"), justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*cells(row))
    return table


def as_markdown(mode: str, rows: Sequence[Row]) -> str:
    """A section of a page: title, table, and how this sync compares."""
    bars = ["---" if heading in _WORDS else "---:" for heading in HEADINGS]
    lines = [f"| {' | '.join(line)} |" for line in (HEADINGS, bars, *map(cells, rows))]
    return "\n".join([f"### {TITLES[mode]}", "", *lines, "", *comparisons(rows), ""])


def sizes(rows: Iterable[Row]) -> str:
    """How many objects the merchants have, by their number of customers."""
    found: dict[int, int] = {}
    for row in rows:
        if row.figures:
            found[row.customers] = max(found.get(row.customers, 0), row.figures.objects)
    said = [f"{customers:,} customers {found[customers]:,}" for customers in sorted(found)]
    return f"Objects (customers, invoices, subscriptions): {', '.join(said)}."


def comparisons(rows: Sequence[Row]) -> list[str]:
    """This sync's figures as ratios to the bare client's and the best other tool's, if measured.

    Each ratio is to rows of the same run; where tools had merchants of several sizes, this sync's
    largest counts.
    """
    ours = _of(rows, THIS.name)
    if ours is None or ours.figures is None:
        return []
    said = []
    bare = _of(rows, BARE.name)
    if bare and bare.figures and bare.customers == ours.customers:
        share = ours.figures.requests_a_second / bare.figures.requests_a_second
        times = ours.figures.cpu / bare.figures.cpu
        said.append(
            f"This sync reaches {share:.0%} of the bare client's requests/s and takes "
            f"{times:.1f} times its CPU."
        )
    others = [row for row in rows if row.figures and row.peer.environments]
    if others:
        fastest = max(others, key=lambda row: row.figures.objects_a_second if row.figures else 0)
        lightest = min(others, key=lambda row: row.figures.cpu if row.figures else 0)
        said.append(_against(ours, fastest, lightest))
    return said


def _against(ours: Row, fastest: Row, lightest: Row) -> str:
    assert ours.figures and fastest.figures and lightest.figures
    times = ours.figures.objects_a_second / fastest.figures.objects_a_second
    share = lightest.figures.cpu / ours.figures.cpu
    return (
        f"It brings {times:.0f} times the objects/s of the fastest other ({fastest.peer.title}) "
        f"and takes 1/{share:.0f} of the CPU of the lightest other ({lightest.peer.title})."
    )


def _of(rows: Sequence[Row], name: str) -> Row | None:
    found = [row for row in rows if row.peer.name == name]
    return max(found, key=lambda row: row.customers) if found else None


_WORDS = ("tool", "rows right")
