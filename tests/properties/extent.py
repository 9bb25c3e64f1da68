"""How long the random tests on whole lakes run: HYPOTHESIS_PROFILE=soak is the long run.

Each example is a lake full of merchants, and seconds of dbt. So the brief run takes the examples
that stand beside each test, and leaves the search for others, and for smaller ones, to the soak.
"""

import os
from typing import Any

from hypothesis import HealthCheck, Phase, settings

COMMON: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "print_blob": True,
}

is_soak = os.environ.get("HYPOTHESIS_PROFILE") == "soak"

if is_soak:
    whole_lakes = settings(max_examples=60, **COMMON)
else:
    whole_lakes = settings(phases=[Phase.explicit], **COMMON)
