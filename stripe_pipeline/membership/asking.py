"""Ask the rules of segment files of the published tables, without dbt."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import duckdb
from jinja2 import TemplateError

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.segments.definition import Segment
from stripe_pipeline.segments.models import model
from stripe_pipeline.warehouse.damaged import reading_table
from stripe_pipeline.warehouse.readers import Marts, Row
from stripe_pipeline.warehouse.segment_queries import rendered

_TABLE = re.compile(r'"(\w+)"')


@dataclass
class Asked:
    """A connection on which the published tables are views, each made when a query names it."""

    marts: Marts
    connection: duckdb.DuckDBPyConnection
    segments: Mapping[str, Segment]
    known: set[str] = field(default_factory=set)

    @property
    def folder(self) -> str:
        """The folder of the segment files; none without any."""
        return next((str(each.path.parent) for each in self.segments.values()), "")

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Return the rows of a query, which is written as a model of dbt is.

        Raises:
            PipelineError: it reads a table that isn't published, or can't be computed.
        """
        try:
            text = rendered(sql, self.folder)
            for name in _TABLE.findall(text):
                self._make(name)
            result = self.connection.execute(text, list(parameters))
        except (TemplateError, duckdb.Error) as error:
            said = str(error).splitlines()[0]
            raise PipelineError(f"A segment's rule can't be asked: {said}") from None
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def _make(self, name: str) -> None:
        if name in self.known:
            return
        self.known.add(name)
        if name.startswith("segment_") and (of := self.segments.get(name[len("segment_") :])):
            text = rendered(model(of, self.segments), self.folder)
            for other in _TABLE.findall(text):
                self._make(other)
            self.connection.execute(f'create view "{name}" as {text}')
        elif (self.marts.folder / f"{name}.parquet").exists():
            with reading_table(self.marts.folder / f"{name}.parquet"):
                path = self.marts.path(name).replace("'", "''")
                self.connection.execute(f"create view \"{name}\" as from read_parquet('{path}')")


@contextmanager
def asking(marts: Marts, segments: Sequence[Segment]) -> Iterator[Asked]:
    """Yield what answers questions about the published tables."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield Asked(marts, connection, {each.name: each for each in segments})
