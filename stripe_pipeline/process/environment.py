"""Which of the caller's environment variables reach the product, its dbt and its Dagster.

Data engineers export DBT_TARGET, DBT_EMPTY, DAGSTER_HOME or PYTHONPATH for their other projects.
None of them may change what this one computes.
"""

import os
import stat
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

PROJECT_ROOT = Path(__file__).resolve().parents[2]

_TOOLS = ("DBT_", "DAGSTER_")
_PYTHON = "PYTHON"
_SETTINGS = "STRIPE_"
# New files get no permissions for the group or for others.
PRIVATE_UMASK = stat.S_IRWXG | stat.S_IRWXO


def is_foreign(name: str) -> bool:
    """Return whether an environment variable could change what dbt, Dagster or Python do."""
    return name.upper().startswith((*_TOOLS, _PYTHON))


def process_environment() -> dict[str, str]:
    """Return the environment of a child process: this one's, without other projects' variables."""
    return clean_environment(os.environ)


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment for the product's own processes, without other projects' variables.

    PYTHONPATH is the project's root, so that children import the same code as their parent.
    """
    kept = {name: value for name, value in environment.items() if not is_foreign(name)}
    return {**kept, "PYTHONPATH": str(PROJECT_ROOT)}


def dbt_surroundings() -> dict[str, str]:
    """Return an environment for dbt, without other projects' variables and without the settings.

    The settings that dbt needs are passed by name; the Stripe API key never is.
    """
    return without_settings(process_environment())


def without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without the product's settings."""
    return {
        name: value for name, value in environment.items() if not name.upper().startswith(_SETTINGS)
    }


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
    for name in [name for name in os.environ if is_foreign(name)]:
        del os.environ[name]


def _of_python(environment: Mapping[str, str]) -> set[tuple[str, str]]:
    return {pair for pair in environment.items() if pair[0].upper().startswith(_PYTHON)}


def certificate_paths() -> tuple[str | None, str | None]:
    """Return the file and the folder of trusted authorities that the environment names, if any."""
    return os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")


def proxy_for(address: str) -> str | None:
    """Return the proxy that the environment sets for an address, None where it excludes its host.

    These are the variables that curl knows too: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY.
    """
    parts = urlsplit(address)
    if proxy_bypass(parts.hostname or ""):
        return None
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")
