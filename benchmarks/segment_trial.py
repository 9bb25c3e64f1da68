"""One size of the segments' benchmark: dbt, the models' SQL alone, and the hand-written query."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from benchmarks.measure import Cost, run
from benchmarks.segments_by_hand import DATABASE
from benchmarks.transform_trial import DifferentMartsError, settings_of
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings.demo_mark import DEMO_NOW
from stripe_pipeline.warehouse.dbt_folders import project_folder
from stripe_pipeline.warehouse.history import moves_of, record_moves
from stripe_pipeline.warehouse.transform import dbt_environment, dbt_executable

# What a run computes of segments, and its tests: all that depends on profiles and facts.
BUILD = (
    "--quiet", "build", "--exclude-resource-type", "unit_test", "--exclude", "tag:grain",
    "--select", "run_clock", "stg_activation__recorded_moves", "stg_activation__segment_moves",
    "path:models/intermediate/segments", "path:models/marts/segments", "path:segment_models",
)  # fmt: skip
A_DAY = timedelta(days=1)
_COMPARED = "segment, stripe_customer_id, entered_at, why"


@dataclass(frozen=True)
class Figures:
    """One size, measured: `whole` is dbt's command, `models` its SQL without dbt and tests.

    `history` are the CPU seconds of segment_history, which the query doesn't make.
    """

    customers: int
    members: int
    script: Cost
    models: Cost
    whole: Cost
    history: float


def measure(home: Path, customers: int) -> Figures:
    """Compute the segments of a day, record them, and measure those of the next day.

    Raises:
        DifferentMartsError: dbt and the query don't come to the same memberships.
        CommandFailedError: one of them failed.
    """
    build(home)
    settings = settings_of(home)
    with duckdb.connect(str(settings.warehouse), read_only=True) as warehouse:
        moves = moves_of(warehouse)
    record_moves(moves, Lake(settings.lake))
    whole = build(home, DEMO_NOW + A_DAY)
    script = _alone("benchmarks.segments_by_hand", home)
    models = _alone("benchmarks.segment_models", home)
    members = compare(settings.warehouse, home / DATABASE)
    history = json.loads(models.output.splitlines()[-1])["segment_history"]
    return Figures(customers, members, script, models, whole, history)


def build(home: Path, as_of: datetime = DEMO_NOW) -> Cost:
    """Compute and test a home's segments with dbt, as of an instant."""
    settings = settings_of(home)
    environment = {**os.environ, **dbt_environment(settings, as_of)}
    return run([dbt_executable(), *BUILD], environment, folder=project_folder(settings))


def _alone(module: str, home: Path) -> Cost:
    surroundings: Mapping[str, str] = {**os.environ}
    return run([sys.executable, "-m", module, str(home)], surroundings)


def compare(warehouse: Path, script: Path) -> int:
    """Compare the memberships of the segments that the query has, and return how many there are.

    Raises:
        DifferentMartsError: a row is only in one of the two.
    """
    with duckdb.connect() as connection:
        connection.execute("set temp_directory = ?", [f"{script}.tmp"])
        for name, path in (("product", warehouse), ("script", script)):
            connection.execute(f"attach '{path}' as {name} (read_only)")
        product, script_rows = (
            f"select {_COMPARED} from {each}.marts.segment_members"
            " where segment in (select segment from script.marts.segment_members)"
            for each in ("product", "script")
        )
        found = connection.execute(
            f"select (select count(*) from ({product} except all {script_rows})),"
            f" (select count(*) from ({script_rows} except all {product})),"
            " (select count(*) from script.marts.segment_members)"
        ).fetchall()
    only_product, only_script, members = found[0]
    if only_product or only_script:
        raise DifferentMartsError(
            f"marts.segment_members: {only_product} rows only of dbt's, {only_script} only of the "
            "query's"
        )
    return int(members)
