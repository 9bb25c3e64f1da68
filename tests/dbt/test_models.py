"""dbt's own tests of the SQL: each branch of each rule, and one row per what a model promises."""

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from stripe_pipeline.settings import load_settings
from stripe_pipeline.warehouse.manifest import prepare_manifest
from stripe_pipeline.warehouse.transform import (
    TESTS_OF_THE_SQL,
    dbt_executable,
    dbt_process_environment,
)

TESTS = ("test_type:unit", TESTS_OF_THE_SQL)
LEAST_UNIT_TESTS = 90
LEAST_KEYS = 90


def test_every_unit_test_of_the_models_passes_and_every_key_is_one(
    demo_home: Path, tmp_path: Path
) -> None:
    """dbt looks up the columns of the models around, so it needs a home where they are built."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "lake").symlink_to(demo_home / "lake")
    shutil.copyfile(demo_home / "warehouse.duckdb", home / "warehouse.duckdb")
    settings = load_settings(STRIPE_PIPELINE_HOME=home)
    prepare_manifest(settings)  # brings the parse that serves every home
    environment = dbt_process_environment(settings, datetime.now(UTC))
    done = subprocess.run(
        [dbt_executable(), "--no-use-colors", "test", "--select", *TESTS],
        env=environment, cwd=environment["DBT_PROJECT_DIR"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]
    assert done.stdout.count(" PASS grain_") >= LEAST_KEYS
    assert done.stdout.count(" PASS ") >= LEAST_KEYS + LEAST_UNIT_TESTS
