"""Ask a segment's query of tables in DuckDB, without dbt: the same SQL, with the same macros."""

from functools import cache
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment

from stripe_pipeline.process.environment import PROJECT_ROOT

_MACROS = PROJECT_ROOT / "dbt_project" / "macros"
# The files whose macros conditions use.
_FILES = ("dates.sql", "files.sql", "json.sql", "lists.sql", "segments.sql", "settings.sql",
          "texts.sql")  # fmt: skip


def rendered(sql: str, segments: str = "") -> str:
    """Return a model of a segment as DuckDB's SQL; the tables that it reads go by their names.

    `segments` is the folder of the segment files, beside whose lists it is.
    """
    environment, names = _macros(segments)
    text: str = environment.from_string(sql, names).render()
    return text


@cache
def _macros(segments: str) -> tuple[Environment, dict[str, Any]]:
    environment = Environment(extensions=["jinja2.ext.do"], autoescape=False)
    names: dict[str, Any] = {
        "return": lambda value: value,
        "ref": lambda name: f'"{name}"',
        "var": lambda name, default: segments if name == "segments" else default,
        "adapter": SimpleNamespace(dispatch=lambda name: names[f"duckdb__{name}"]),
    }
    source = "\n".join((_MACROS / name).read_text(encoding="utf-8") for name in _FILES)
    module = environment.from_string(source, names).make_module(names)
    names |= {name: value for name, value in vars(module).items() if not name.startswith("_")}
    return environment, names
