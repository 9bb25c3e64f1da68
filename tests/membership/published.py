"""A home with a small published set, made by hand."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from stripe_pipeline.settings import Settings, load_settings

from ..segments.tables import Row, Tables


def home_with(folder: Path, tables: Tables, marts: Mapping[str, Sequence[Row]]) -> Settings:
    """Publish these marts and the clock; the segment files are in `segments` of the folder."""
    settings = load_settings(
        _env_file=None,
        STRIPE_PIPELINE_HOME=folder / "home",
        STRIPE_PIPELINE_SEGMENTS=folder / "segments",
    )
    published = settings.home / ".published" / "1"
    published.mkdir(parents=True)
    (folder / "segments").mkdir()
    for mart, rows in marts.items():
        tables.fill(mart, rows)
    for mart in [*marts, "run_clock"]:
        tables.connection.execute(f"copy {mart} to '{published / mart}.parquet' (format parquet)")
    settings.published.symlink_to(published)
    return settings
