"""`dg scaffold defs Segment NAME` writes `segments/NAME.yml`."""

from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field

from stripe_pipeline.components.pointer import named_file, scaffold
from stripe_pipeline.segments.files import load_segments
from stripe_pipeline.segments.skeleton import write_skeleton
from stripe_pipeline.settings import Settings, load_settings


class SegmentScaffolder(dg.Scaffolder):
    """Writes a segment's file, with the fields that conditions can name."""

    def scaffold(self, request: dg.ScaffoldRequest[Any]) -> None:
        """Write `segments/NAME.yml`, and the `defs.yaml` that names it."""
        scaffold(request, _write)


def _write(settings: Settings, name: str) -> Path:
    return write_skeleton(settings.segments, name, settings.metadata_columns)


@dg.scaffold_with(SegmentScaffolder)
class Segment(dg.Component, dg.Model, dg.Resolvable):
    """A segment: customers who meet conditions, written as a file in `segments/`.

    Its asset is `marts/segment_NAME`, which dbt computes from that file.
    """

    file: str = Field(description="The segment's file, from the project's folder on.")

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """Check the file. Its asset is among dbt's models, as each file of the folder is.

        Raises:
            UsageError: there is no such file, or a segment file has slips: all of them are told.
        """
        settings = load_settings()
        path = named_file(self.file, context, settings.segments)
        load_segments(path.parent, settings.metadata_columns)
        return dg.Definitions()
