"""To import a module does no work: no file is written, no process started, no setting read."""

import json
import subprocess
import sys
from pathlib import Path

from stripe_pipeline.process.environment import PROJECT_ROOT
from stripe_pipeline.settings import ENV_FILE_SETTING

from ..conftest import clean_environment

# Imports every module in one process, and reports what it did on the way.
IMPORTING = """
import importlib, json, os, pkgutil, sys, warnings

sys.dont_write_bytecode = True
warnings.simplefilter("ignore")
done = []
STARTS = ("subprocess.Popen", "os.system", "os.exec", "os.fork", "os.posix_spawn")
CHANGES = ("os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink")
OTHERS = ("os.putenv", "os.unsetenv", "sqlite3.connect", "socket.connect", "socket.bind")

def watch(event, arguments):
    if event in STARTS + CHANGES + OTHERS:
        done.append([event, repr(arguments)])
    elif event == "open" and isinstance(arguments[2], int):
        if arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            done.append([event, repr(arguments)])

import dagster, dagster_dbt, dbt.adapters.duckdb, duckdb, pandas  # what others do is theirs

sys.addaudithook(watch)
import stripe_pipeline

names = [each.name for each in pkgutil.walk_packages(stripe_pipeline.__path__, "stripe_pipeline.")]
for name in names:
    importlib.import_module(name)
print(json.dumps({"modules": names, "done": done}))
"""


def test_no_module_does_anything_when_it_is_imported(tmp_path: Path) -> None:
    """Each setting is wrong, so that reading them, as a load of the definitions does, raises."""
    poisoned = {
        ENV_FILE_SETTING: str(tmp_path / "none.env"),
        "STRIPE_PIPELINE_HOME": "/dev/null/home",
        "STRIPE_PIPELINE_AS_OF": "never",
        "STRIPE_PIPELINE_NO_SUCH_SETTING": "1",
    }
    imported = subprocess.run(
        [sys.executable, "-c", IMPORTING], cwd=tmp_path, capture_output=True, text=True,
        env={**clean_environment(), **poisoned, "PYTHONPATH": str(PROJECT_ROOT)}, check=False,
    )  # fmt: skip
    assert imported.returncode == 0, imported.stderr[-3000:]
    answer = json.loads(imported.stdout)
    assert answer["done"] == []
    files = (PROJECT_ROOT / "stripe_pipeline").rglob("*.py")
    assert len(answer["modules"]) == sum(1 for _ in files) - 1
    assert {"stripe_pipeline.definitions", "stripe_pipeline.cli"} <= set(answer["modules"])
    assert list(tmp_path.iterdir()) == []
