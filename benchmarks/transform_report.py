"""The tables of the transform's benchmark, as Markdown."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from benchmarks.measure import Cost
from benchmarks.transform_trial import Figures, Node

MEGABYTE = 1_000_000
# Models below this share of the time that dbt spent at the largest size are told together.
TOLD_APART = 0.01


def report(start: Cost, measured: Sequence[Figures], changes: int) -> str:
    """All tables, and the columns that the script doesn't compute."""
    parts = [_sizes(start, measured, changes), _ratios(start, measured), _models(measured)]
    unscripted = measured[-1].unscripted
    if unscripted:
        parts.append(f"Not in the script: {', '.join(unscripted)}.\n")
    return "\n".join(parts)


def _sizes(start: Cost, measured: Sequence[Figures], changes: int) -> str:
    rows = [("-", "dbt on an empty lake", *cost_cells(start))]
    for each in measured:
        told = f"{each.invoices:,}"
        rows += [
            (told, "the script", *cost_cells(each.script)),
            (told, "contacts normalized, from nothing", *cost_cells(each.normalizing)),
            (told, "dbt, from nothing", *cost_cells(each.full)),
            (
                told,
                f"contacts normalized, {changes:,} objects changed",
                *cost_cells(each.changed_normalizing),
            ),
            (told, f"dbt, {changes:,} objects changed", *cost_cells(each.changed)),
            (told, "marts published", *cost_cells(each.publish)),
        ]
    return table(("invoices", "what", "seconds", "CPU seconds", "peak memory"), rows)


def _ratios(start: Cost, measured: Sequence[Figures]) -> str:
    headings = (
        "invoices",
        "(contacts + dbt - start) / script",
        "the same in CPU",
        "changed / from nothing",
        "contacts + dbt - start, µs an invoice",
    )
    return table(headings, [_ratios_of(start, each) for each in measured])


def _ratios_of(start: Cost, each: Figures) -> tuple[str, ...]:
    wall = each.normalizing.wall + each.full.wall
    cpu = each.normalizing.cpu + each.full.cpu
    return (
        f"{each.invoices:,}",
        f"{(wall - start.wall) / each.script.wall:.2f}",
        f"{(cpu - start.cpu) / each.script.cpu:.2f}",
        f"{(each.changed_normalizing.wall + each.changed.wall) / wall:.2f}",
        f"{(wall - start.wall) / each.invoices * 1e6:.0f}",
    )


def _models(measured: Sequence[Figures]) -> str:
    """Wall seconds and the process's peak memory, model by model."""
    largest = measured[-1].nodes
    shown = {
        node.name
        for node in largest
        if node.kind != "test" and node.wall >= TOLD_APART * sum(each.wall for each in largest)
    }
    told: dict[str, list[str]] = defaultdict(list)
    for each in measured:
        for name, nodes in _grouped(each.nodes, shown).items():
            told[name] += [
                f"{sum(node.wall for node in nodes):.1f}",
                f"{max((node.memory for node in nodes), default=0) / MEGABYTE:,.0f} MB",
            ]
    headings = ["model"]
    for each in measured:
        headings += [f"{each.invoices:,}: seconds", "peak memory"]
    return table(headings, [(name, *cells) for name, cells in told.items()])


def _grouped(nodes: Iterable[Node], shown: set[str]) -> dict[str, list[Node]]:
    """Nodes under the names of their rows, in the order of the alphabet, the others last."""
    groups: dict[str, list[Node]] = {name: [] for name in sorted(shown)}
    groups |= {"every other model": [], "tests": []}
    for node in nodes:
        if node.kind == "test":
            groups["tests"].append(node)
        else:
            groups[node.name if node.name in shown else "every other model"].append(node)
    return groups


def cost_cells(cost: Cost) -> tuple[str, str, str]:
    """Return a cost as cells of a table: seconds, CPU seconds, megabytes."""
    return f"{cost.wall:.1f}", f"{cost.cpu:.1f}", f"{cost.peak_memory / MEGABYTE:,.0f} MB"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return rows as a table in Markdown."""
    bars = ["---" if heading in ("what", "model") else "---:" for heading in headings]
    return "\n".join(f"| {' | '.join(row)} |" for row in (headings, bars, *rows)) + "\n"
