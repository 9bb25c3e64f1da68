"""The code that, beside its own SQL, determines how a staging model reads Stripe's bodies.

Staging is incremental: rows that it has read are not read again. A table that was filled by other
code is therefore rebuilt by the next run (`dbt_project/macros/staging_code.sql`).
"""

import hashlib
from functools import cache

from stripe_pipeline.normalizing.code import normalizing_code
from stripe_pipeline.process.environment import PROJECT_ROOT

_MACROS = PROJECT_ROOT / "dbt_project" / "macros"


@cache
def staging_code() -> str:
    """Return a digest of the macros, and of the code that normalizes contacts before dbt builds."""
    digest = hashlib.sha256(normalizing_code().encode())
    for path in sorted(_MACROS.glob("*.sql")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
