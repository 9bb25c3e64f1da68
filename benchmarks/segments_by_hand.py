"""All memberships by one query: `python -m benchmarks.segments_by_hand HOME`.

Reads the home's warehouse and its log of moves, writes `segments_by_hand.duckdb` beside them. Same
memory limit and threads as dbt's connection.
"""

import sys
from pathlib import Path

import duckdb

from benchmarks.transform_by_hand import duckdb_settings

QUERY = Path(__file__).with_suffix(".sql")
DATABASE = "segments_by_hand.duckdb"


def main(home: Path) -> None:
    """Run the query into a new database."""
    (home / DATABASE).unlink(missing_ok=True)
    with duckdb.connect(str(home / DATABASE)) as connection:
        for name, value in duckdb_settings().items():
            connection.execute(f"set {name} = '{value}'")
        connection.execute(f"attach '{home / 'warehouse.duckdb'}' as shop (read_only)")
        connection.execute(
            "set variable moves = ?", [str(home / "lake" / "segment_moves" / "*.parquet")]
        )
        connection.execute(QUERY.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
