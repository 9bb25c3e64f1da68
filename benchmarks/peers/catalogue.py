"""The tools that are compared: how each is run, and where its rows are found afterwards."""

from dataclasses import dataclass
from pathlib import Path

PROGRAMS = Path(__file__).parent / "programs"


@dataclass(frozen=True)
class Tables:
    """SQL that finds the rows in the DuckDB file, or the files, that a tool has left in its folder.

    `ids` is a query with {name} for the resource; `totals` gives (invoice id, total), `lines`
    (invoice id, number of lines).
    """

    ids: str
    totals: str
    lines: str
    file: str | None = "tables.duckdb"


@dataclass(frozen=True)
class Peer:
    """One tool.

    `command` follows the interpreter; the base address and a folder come after it, or, for a
    module, the base address, the store's file and the resources. `environments` are the
    requirement files of what it needs: the first that is Python's runs it, otherwise this
    project's own interpreter does.
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
        return [PROGRAMS / name for name in self.environments]

    @property
    def has_own_python(self) -> bool:
        """Whether an interpreter of its own runs it."""
        return self.environments[:1] != () and self.environments[0].endswith(".txt")


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
    ("stripe_python.txt",),
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
    ("dlt_rest.txt",),
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
    ("singer_tap.txt", "singer_target.txt"),
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
    ("airbyte.txt",),
    Tables(
        ids="select body ->> '$.id' from {name}",
        totals="select body ->> '$.id', cast(body ->> '$.total' as bigint) from invoices",
        lines="select body ->> '$.invoice_id', count(*) from invoice_line_items group by all",
    ),
    300,
)

SUPABASE = Peer(
    "supabase",
    "Supabase's sync engine, PostgreSQL",
    _program("supabase"),
    ("supabase.json",),
    Tables(
        ids="select id from read_csv('{name}.csv')",
        totals="select id, total from read_csv('invoices.csv')",
        lines="select id, lines from read_csv('invoices.csv')",
        file=None,
    ),
)

PEERS = {peer.name: peer for peer in (BARE, THIS, STRIPE_PYTHON, DLT, SINGER, AIRBYTE, SUPABASE)}
