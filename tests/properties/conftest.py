"""How long the random tests run: HYPOTHESIS_PROFILE=soak is the long run, drawn anew each time."""

import os

from hypothesis import HealthCheck, settings

COMMON = {"deadline": None, "suppress_health_check": list(HealthCheck), "print_blob": True}

settings.register_profile("brief", max_examples=2, derandomize=True, database=None, **COMMON)
settings.register_profile("soak", max_examples=60, **COMMON)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "brief"))
