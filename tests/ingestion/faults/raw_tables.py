"""The raw tables of a home, by the SQL of their own dbt models, in a DuckDB of their own.

dbt itself would take seconds to say the same; only its `config`, `ref` and `source` are needed.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import jinja2

from stripe_pipeline.files.yaml_file import read_yaml
from stripe_pipeline.process.environment import PROJECT_ROOT

PROJECT = PROJECT_ROOT / "dbt_project"
MODELS = PROJECT / "models" / "raw"


HOME = "<home>"
OF_DBT = re.compile(r"{%-? (?:test|materialization) |builtins\.")


def open_raw_tables(home: Path) -> duckdb.DuckDBPyConnection:
    """A connection in which `raw.<table>` are the views that the warehouse of this home has."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("create schema raw")
    for name, sql in _compiled_models():
        connection.execute(f"create view raw.{name} as {sql.replace(HOME, str(home))}")
    return connection


@cache
def _compiled_models() -> list[tuple[str, str]]:
    """The name and the SQL of each raw model, those that read others of them last."""
    names = [path.stem.removeprefix("raw_") for path in MODELS.glob("raw_*.sql")]
    compiled = {name: _compiled(name) for name in sorted(names)}
    return sorted(compiled.items(), key=lambda each: " raw." in each[1])


def _compiled(name: str) -> str:
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    environment.globals.update(
        config=lambda **options: "",
        source=lambda schema, table: _location().replace("{name}", table),
        ref=lambda model: f"raw.{model.removeprefix('raw_')}",
        execute=False,
        tojson=json.dumps,
        **{"return": lambda value: value},
    )
    model = (MODELS / f"raw_{name}.sql").read_text()
    return environment.from_string(_macros() + model).render()


@cache
def _macros() -> str:
    """Every macro but those that only dbt can read."""
    texts = (file.read_text() for file in sorted((PROJECT / "macros").rglob("*.sql")))
    text = "".join(text for text in texts if not OF_DBT.search(text))
    return re.sub(r"adapter\.dispatch\('(\w+)'\)", r"duckdb__\1", text)


@cache
def _location() -> str:
    sources: dict[str, Any] = read_yaml(MODELS / "_lake__sources.yml")
    location: str = sources["sources"][0]["config"]["external_location"]
    # As the macro `source` does.
    return location.replace("<files>", f"{HOME}/lake/{{name}}/*.parquet")
