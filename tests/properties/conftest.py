"""How long the random tests run: HYPOTHESIS_PROFILE=soak is the long run, drawn anew each time.

Each example is a lake full of merchants, and seconds of dbt; so the brief run takes few, always
the same, and leaves the search for a smaller failing example to the long one.
"""

import os

from hypothesis import HealthCheck, Phase, settings

COMMON = {"deadline": None, "suppress_health_check": list(HealthCheck), "print_blob": True}
BRIEF = {"derandomize": True, "database": None, "phases": [Phase.explicit, Phase.generate]}

settings.register_profile("brief", max_examples=2, **BRIEF, **COMMON)
settings.register_profile("soak", max_examples=60, **COMMON)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "brief"))
