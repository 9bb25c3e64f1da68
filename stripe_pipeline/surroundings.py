"""What of the caller's environment reaches the product, its own dbt and its own Dagster.

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
# Private to its owner: what is made gets no bit for the group or for others.
PRIVATE_UMASK = stat.S_IRWXG | stat.S_IRWXO


def is_foreign(name: str) -> bool:
    """Tell whether a variable of the shell could steer dbt, Dagster or Python."""
    return name.upper().startswith((*_TOOLS, _PYTHON))


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment for the product's own processes: no other project's variables.

    Its children import the same code as the parent, so Python's path is the project's root.
    """
    kept = {name: value for name, value in environment.items() if not is_foreign(name)}
    return {**kept, "PYTHONPATH": str(PROJECT_ROOT)}


def dbt_surroundings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment for dbt, which gets neither another's variables nor the settings.

    What it needs of the settings is given to it by name; the key to Stripe never is.
    """
    return without_settings(clean_environment(environment))


def without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which nothing of the product is set."""
    return {
        name: value for name, value in environment.items() if not name.upper().startswith(_SETTINGS)
    }


@contextmanager
def only_in_environment(wanted: Mapping[str, str]) -> Iterator[None]:
    """Make `wanted` this process's whole environment for the length of a block.

    For libraries that hand the environment of this process on to a child.
    """
    before = dict(os.environ)
    _become(wanted)
    try:
        yield
    finally:
        _become(before)


def begin_clean(module: str, arguments: Sequence[str]) -> None:
    """Rid this process of another project's variables before anything else is imported.

    Python reads its own only when it starts, so where there are some, it starts once more as
    `module`, without them.
    """
    os.umask(PRIVATE_UMASK)
    clean = clean_environment(os.environ)
    if _of_python(os.environ) - {("PYTHONPATH", str(PROJECT_ROOT))}:
        # -P: a folder of the caller's with a dbt.py in it is no place to import from either.
        os.execve(sys.executable, [sys.executable, "-P", "-m", module, *arguments], clean)
    _become({name: value for name, value in os.environ.items() if not is_foreign(name)})


def _of_python(environment: Mapping[str, str]) -> set[tuple[str, str]]:
    return {pair for pair in environment.items() if pair[0].upper().startswith(_PYTHON)}


def _become(wanted: Mapping[str, str]) -> None:
    for name in set(os.environ) - set(wanted):
        del os.environ[name]
    os.environ.update(wanted)
