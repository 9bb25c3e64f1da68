"""The project's macros rendered without dbt, as an adapter would have them."""

from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment

from stripe_pipeline.process.environment import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "dbt_project" / "macros"


class Macros:
    """Macros by name; `engine` is duckdb or spark, and chooses among those that are dispatched.

    A macro that gives anything but text isn't rendered as in dbt: here every macro gives text.
    """

    def __init__(self, engine: str, folder: Path = FOLDER) -> None:
        self.engine = engine
        self._folder = folder

    @cached_property
    def _module(self) -> Any:
        """All macros, compiled when the first is used: it takes a second."""
        environment = Environment(extensions=["jinja2.ext.do"])
        source = "\n".join(path.read_text() for path in sorted(self._folder.glob("*.sql")))
        source = source.replace("{% materialization", "{% macro ignored() %}{# ").replace(
            "{% endmaterialization %}", "#}{% endmacro %}"
        )
        given = {
            "adapter": SimpleNamespace(dispatch=self._dispatched, quote=lambda name: f'"{name}"'),
            "return": lambda value: value,
            "ref": lambda name: name,
        }
        return environment.from_string(source, given).make_module()

    def _dispatched(self, name: str) -> Any:
        return getattr(self._module, f"{self.engine}__{name}")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)
