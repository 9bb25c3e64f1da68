"""Segments and campaigns as Dagster components: what `dg scaffold defs` writes, and their assets.

The truth of a segment is its file in `segments/`, that of a campaign its folder in `campaigns/`.
A `defs.yaml` names one of them and adds nothing.
"""

from stripe_pipeline.components.campaign import Campaign
from stripe_pipeline.components.segment import Segment

__all__ = ["Campaign", "Segment"]
