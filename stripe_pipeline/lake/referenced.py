"""Which batches name only customers that the lake has."""

from stripe_pipeline.lake.batches import Lake
from stripe_pipeline.lake.checked import Checked


def names_known(lake: Lake) -> Checked:
    """The record of the batches all of whose customers were found in the lake, or fetched."""
    return Checked(lake.root, ".referenced.json")
