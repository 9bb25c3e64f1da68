"""The segments' models without dbt: `python -m benchmarks.segment_models HOME`.

Executes the SQL that dbt compiled in its last command, in the order in which it did: each view and
table is created again. Prints the CPU seconds of each model as JSON.
"""

import json
import os
import sys
import time
from pathlib import Path

import duckdb

from benchmarks.transform_by_hand import duckdb_settings
from benchmarks.transform_trial import settings_of
from stripe_pipeline.warehouse.dbt_folders import project_folder, target_folder


def main(home: Path) -> None:
    """Create what the last command created, and print what each took."""
    seconds: dict[str, float] = {}
    settings = settings_of(home)
    target = target_folder(settings)
    results = json.loads((target / "run_results.json").read_bytes())["results"]
    nodes = json.loads((target / "manifest.json").read_bytes())["nodes"]
    # The paths in dbt's SQL may be relative to its project.
    os.chdir(project_folder(settings))
    with duckdb.connect(str(settings.warehouse)) as connection:
        for name, value in duckdb_settings().items():
            connection.execute(f"set {name} = '{value}'")
        for result in results:
            if not result["unique_id"].startswith("model."):
                continue
            began = time.process_time()
            kind = nodes[result["unique_id"]]["config"]["materialized"]
            connection.execute(
                f"create or replace {kind} {result['relation_name']} as {result['compiled_code']}"
            )
            name = nodes[result["unique_id"]]["name"]
            seconds[name] = time.process_time() - began
    print(json.dumps(seconds))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
