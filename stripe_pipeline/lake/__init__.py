"""The lake: immutable Parquet batches, the source that everything else is computed from."""

from stripe_pipeline.lake.batches import Batch, Lake
from stripe_pipeline.lake.objects import OBJECT_SCHEMA, object_table

__all__ = ["OBJECT_SCHEMA", "Batch", "Lake", "object_table"]
