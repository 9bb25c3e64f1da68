"""Is what the lake holds of Stripe recent, unambiguous, without gaps, and what Stripe says?"""

from stripe_pipeline.lake_checks.verdict import Verdict

__all__ = ["Verdict"]
