"""The stages of a run, each to be run alone in a process: `python -m benchmarks.stages sync`."""

import subprocess
import sys
from datetime import UTC, datetime

from stripe_pipeline.activation.export import export
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.tables import ensure_tables
from stripe_pipeline.normalizing.step import normalize, normalized
from stripe_pipeline.settings import load_settings
from stripe_pipeline.warehouse.manifest import prepare_manifest
from stripe_pipeline.warehouse.publish import publish
from stripe_pipeline.warehouse.renewal import renewing
from stripe_pipeline.warehouse.transform import dbt_executable, dbt_process_environment


def read_stripe() -> None:
    """Print how many objects came into the lake, and with how many requests."""
    report = sync(load_settings())
    print(sum(resource.read for resource in report.resources), report.requests)


def parse() -> None:
    """Let dbt read the project, which a home needs once."""
    settings = load_settings()
    ensure_tables(Lake(settings.lake))
    prepare_manifest(settings)


def transform() -> None:
    """Build and test every model, as a run does."""
    settings = load_settings()
    command = [
        dbt_executable(),
        "--quiet",
        "build",
        "--exclude-resource-type",
        "unit_test",
        "--exclude",
        "tag:grain",
    ]
    surroundings = dbt_process_environment(settings, _as_of())
    with renewing(settings, _as_of()), normalized(Lake(settings.lake)):
        subprocess.run(command, cwd=surroundings["DBT_PROJECT_DIR"], env=surroundings, check=True)


def normalize_contacts() -> None:
    """Normalize what is new in the lake, as a run does before dbt starts."""
    normalize(Lake(load_settings().lake))


def publish_marts() -> None:
    """Write the marts as Parquet."""
    publish(load_settings())


def export_messages() -> None:
    """Print how many messages were exported."""
    settings = load_settings()
    reports = [export(settings, "email", _as_of()), export(settings, "sms", _as_of())]
    print(sum(report.new_messages for report in reports))


def _as_of() -> datetime:
    return load_settings().as_of or datetime.now(UTC)


STAGES = {
    "sync": read_stripe,
    "parse": parse,
    "normalize": normalize_contacts,
    "transform": transform,
    "publish": publish_marts,
    "export": export_messages,
}

if __name__ == "__main__":
    STAGES[sys.argv[1]]()
