"""Checks of the lake's Stripe data: freshness, uniqueness, references, quarantine and drift."""

from stripe_pipeline.lake_checks.verdict import Verdict

__all__ = ["Verdict"]
