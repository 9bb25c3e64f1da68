"""A cache of the batches whose customers are all in the lake."""

from stripe_pipeline.lake.batches import Lake
from stripe_pipeline.lake.checked import Checked


def names_known(lake: Lake) -> Checked:
    """Return the cache of the batches all of whose customers were found in the lake, or fetched."""
    return Checked(lake.root, ".referenced.json")
