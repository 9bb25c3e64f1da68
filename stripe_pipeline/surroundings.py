"""Which of the caller's environment variables reach the product, its dbt and its Dagster.

Data engineers export DBT_TARGET, DBT_EMPTY, DAGSTER_HOME or PYTHONPATH for their other projects.
None of them may change what this one computes.
"""

import os
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent

_TOOLS = ("DBT_", "DAGSTER_")
_PYTHON = "PYTHON"
_SETTINGS = "STRIPE_"
# New files get no permissions for the group or for others.
PRIVATE_UMASK = stat.S_IRWXG | stat.S_IRWXO


def is_foreign(name: str) -> bool:
    """Return whether an environment variable could change what dbt, Dagster or Python do."""
    return name.upper().startswith((*_TOOLS, _PYTHON))


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment for the product's own processes, without other projects' variables.

    PYTHONPATH is the project's root, so that children import the same code as their parent.
    """
    kept = {name: value for name, value in environment.items() if not is_foreign(name)}
    return {**kept, "PYTHONPATH": str(PROJECT_ROOT)}


def dbt_surroundings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment for dbt, without other projects' variables and without the settings.

    The settings that dbt needs are passed by name; the Stripe API key never is.
    """
    return without_settings(clean_environment(environment))


def without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without the product's settings."""
    return {
        name: value for name, value in environment.items() if not name.upper().startswith(_SETTINGS)
    }


@contextmanager
def only_in_environment(wanted: Mapping[str, str]) -> Iterator[None]:
    """Make `wanted` this process's whole environment for the length of a block.

    For libraries that pass this process's environment to a child.
    """
    before = dict(os.environ)
    _become(wanted)
    try:
        yield
    finally:
        _become(before)


def begin_clean(module: str, arguments: Sequence[str]) -> None:
    """Remove other projects' variables from this process before anything else is imported.

    Python reads its own only at start-up, so if any are set, this process re-executes itself as
    `module`, without them.
    """
    os.umask(PRIVATE_UMASK)
    clean = clean_environment(os.environ)
    if _of_python(os.environ) - {("PYTHONPATH", str(PROJECT_ROOT))}:
        # -P: nothing is imported from the working directory, which may have a dbt.py in it.
        os.execve(sys.executable, [sys.executable, "-P", "-m", module, *arguments], clean)
    _become({name: value for name, value in os.environ.items() if not is_foreign(name)})


def _of_python(environment: Mapping[str, str]) -> set[tuple[str, str]]:
    return {pair for pair in environment.items() if pair[0].upper().startswith(_PYTHON)}


def _become(wanted: Mapping[str, str]) -> None:
    for name in set(os.environ) - set(wanted):
        del os.environ[name]
    os.environ.update(wanted)
