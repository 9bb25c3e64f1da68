"""The tools that are compared: how each is run, and where its rows are found afterwards."""

from dataclasses import dataclass
from pathlib import Path

PROGRAMS = Path(__file__).parent / "programs"


@dataclass(frozen=True)
class Tables:
    """SQL that finds the rows in the DuckDB file that a tool has left.

    `ids` is a query with {name} for the resource; `totals` gives (invoice id, total), `lines`
    (invoice id, number of lines).
    """

    ids: str
    totals: str
    lines: str


@dataclass(frozen=True)
class Peer:
    """One tool.

    `command` follows the interpreter; the base address and a folder come after it, or, for a
    module, the base address and the resources. `environments` are the requirement files of the
    interpreters that it needs, the first of which runs it; without any, this project's own does.
    `customers` is the largest merchant that it finishes in a bearable time.
    """

    name: str
    title: str
    command: tuple[str, ...]
    environments: tuple[str, ...] = ()
    tables: Tables | None = None
    customers: int | None = None

    @property
    def requirements(self) -> list[Path]:
        """The requirement files."""
        return [PROGRAMS / f"{name}.txt" for name in self.environments]


def _program(name: str) -> tuple[str, ...]:
    return (str(PROGRAMS / f"{name}.py"),)


BARE = Peer("bare", "bare client, keeps bytes", ("-m", "benchmarks.bare_client"))
THIS = Peer(
    "this",
    "this sync",
    _program("this_sync"),
    tables=Tables(
        ids="select id from {name} where not is_deleted",
        totals="select id, cast(body ->> '$.total' as bigint) from invoices",
        lines="select id, json_array_length(body, '$.lines.data') from invoices",
    ),
)
STRIPE_PYTHON = Peer(
    "stripe-python",
    "stripe-python, pandas, DuckDB",
    _program("stripe_python"),
    ("stripe_python",),
    Tables(
        ids="select id from {name}",
        totals="select id, total from invoices",
        lines="select id, json_array_length(lines, '$.data') from invoices",
    ),
)
DLT = Peer(
    "dlt",
    "dlt, DuckDB",
    _program("dlt_rest"),
    ("dlt_rest",),
    Tables(
        ids="select id from stripe.{name}",
        totals="select id, total from stripe.invoices",
        lines="select i.id, count(*) from stripe.invoices as i inner join "
        "stripe.invoices__lines__data as l on l._dlt_parent_id = i._dlt_id group by i.id",
    ),
)
SINGER = Peer(
    "singer",
    "tap-stripe, target-duckdb",
    _program("singer"),
    ("singer_tap", "singer_target"),
    Tables(
        ids="select id from stripe.{name}",
        totals="select id, total from stripe.invoices",
        lines="select invoice, count(*) from stripe.invoice_line_items group by invoice",
    ),
)
AIRBYTE = Peer(
    "airbyte",
    "Airbyte's source, JSON, DuckDB",
    _program("airbyte"),
    ("airbyte",),
    Tables(
        ids="select body ->> '$.id' from {name}",
        totals="select body ->> '$.id', cast(body ->> '$.total' as bigint) from invoices",
        lines="select body ->> '$.invoice_id', count(*) from invoice_line_items group by all",
    ),
    300,
)

PEERS = {peer.name: peer for peer in (BARE, THIS, STRIPE_PYTHON, DLT, SINGER, AIRBYTE)}
