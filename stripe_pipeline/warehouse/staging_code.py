"""The code that, beside its own SQL, determines how a staging model reads Stripe's bodies.

Staging is incremental: rows that it has read are not read again. A table that was filled by other
code is therefore rebuilt by the next run (`dbt_project/macros/staging_code.sql`).
"""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
_MACROS = _PACKAGE.parent / "dbt_project" / "macros"
_FUNCTIONS = _PACKAGE / "contacts"
_LIBRARIES = (
    *("babel", "email-validator", "idna", "langcodes", "nameparser", "phonenumbers", "pycountry"),
)


@cache
def staging_code() -> str:
    """Return a digest of the macros, the Python functions that SQL calls, and their libraries."""
    digest = hashlib.sha256()
    for path in [*sorted(_MACROS.glob("*.sql")), *sorted(_FUNCTIONS.glob("*.py"))]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    for library in _LIBRARIES:
        digest.update(f"{library} {version(library)}".encode() + b"\0")
    return digest.hexdigest()
