"""dbt's manifest of a home: parsed again when the project changed or the file is damaged."""

import hashlib
import json
import logging
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.files.disk_trouble import disk_trouble_in
from stripe_pipeline.files.durable import replacing
from stripe_pipeline.files.removing import remove
from stripe_pipeline.settings import Settings, load_settings
from stripe_pipeline.warehouse.dbt_folders import DBT_PROJECT, dbt_folder, project_folder
from stripe_pipeline.warehouse.segment_models import compiled
from stripe_pipeline.warehouse.transform import (
    dbt_executable,
    dbt_process_environment,
    make_folder,
    unwritable_home,
)

logger = logging.getLogger(__name__)

# The parse that `make setup` prepares by running this module; a new home starts from it.
PREPARED = Path(sys.prefix) / "share" / "stripe-pipeline" / "dbt"
_CACHE = "partial_parse.msgpack"
_LAST_WORDS = 400
_SOURCE_SUFFIXES = {".sql", ".yml", ".yaml", ".csv", ".md", ".py", ".json"}
_OUTPUT_FOLDERS = {"target", "logs", "dbt_packages"}


def prepare_manifest(settings: Settings) -> Path:
    """Return dbt's manifest for this home, parsing the project only when something changed.

    A damaged manifest, as after a full disk, is written again.

    Raises:
        UsageError: segment files can't be used.
        PipelineError: the dbt project can't be parsed, or the home can't be written.
    """
    folder = make_folder(settings, dbt_folder(settings))
    manifest, stamp = folder / "manifest.json", folder / "manifest.stamp"
    try:
        with FileLock(folder / ".manifest.lock"):
            wanted = _fingerprint(compiled(settings))
            if not _is_stamped(manifest, stamp, wanted):
                _write(manifest, _made(settings, wanted))
                _write(stamp, f"{wanted} {_digest(manifest)}".encode())
    except OSError as error:
        raise unwritable_home(settings, error) from None
    return manifest


def _is_stamped(manifest: Path, stamp: Path, wanted: str) -> bool:
    """Return whether the manifest has the wanted fingerprint, and is undamaged."""
    try:
        return stamp.read_text(encoding="utf-8") == f"{wanted} {_digest(manifest)}"
    except (OSError, UnicodeDecodeError):
        return False


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _fingerprint(segment_models: Mapping[str, str]) -> str:
    """Return a digest of what a manifest depends on: dbt's version, the project, the segments."""
    digest = hashlib.sha256()
    digest.update(json.dumps([version("dbt-core"), version("dbt-duckdb")]).encode())
    digest.update(json.dumps(sorted(segment_models.items())).encode())
    for path in sorted(DBT_PROJECT.rglob("*")):
        parts = path.relative_to(DBT_PROJECT).parts
        is_source = path.suffix in _SOURCE_SUFFIXES and not path.name.startswith(".")
        if is_source and parts[0] not in _OUTPUT_FOLDERS:
            digest.update("/".join(parts).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _made(settings: Settings, wanted: str) -> bytes:
    """Return a manifest: the one prepared by `make setup` if it matches, else parse the project."""
    target = dbt_folder(settings) / "target"
    if _is_stamped(PREPARED / "manifest.json", PREPARED / "manifest.stamp", wanted):
        _take(PREPARED / "target" / _CACHE, target)
        return (PREPARED / "manifest.json").read_bytes()
    logger.info("Preparing the dbt project (needed the first time and after a change)")
    if not (target / _CACHE).exists():
        _take(PREPARED / "target" / _CACHE, target)
    if _failure(settings):
        # dbt's parse cache may be damaged.
        remove(target)
        if said := _failure(settings):
            raise PipelineError(
                disk_trouble_in(said, settings.home)
                or f"The dbt project {DBT_PROJECT} can't be parsed; correct what dbt reports: "
                f"{said}"
            )
    # dbt rewrites its own copy during a run; readers get one that is replaced atomically.
    return (target / "manifest.json").read_bytes()


def _take(cache: Path, target: Path) -> None:
    """Copy a prepared parse cache for dbt to start from, if it exists."""
    if cache.is_file():
        target.mkdir(parents=True, exist_ok=True)
        _write(target / _CACHE, cache.read_bytes())


def _failure(settings: Settings) -> str:
    """Parse the project; if that fails, return dbt's output on one line, with the error last."""
    done = subprocess.run(
        [dbt_executable(), "--quiet", "parse"],
        env=dbt_process_environment(settings, settings.as_of or datetime.now(UTC)),
        cwd=project_folder(settings), capture_output=True, text=True, check=False,
    )  # fmt: skip
    is_parsed = not done.returncode and (dbt_folder(settings) / "target/manifest.json").is_file()
    return "" if is_parsed else " ".join(done.stdout.split())[-_LAST_WORDS:] or "nothing"


def _write(path: Path, content: bytes) -> None:
    if path.is_dir():
        remove(path)
    with replacing(path) as file:
        file.write(content)


if __name__ == "__main__":
    prepare_manifest(load_settings({}, _env_file=None, STRIPE_PIPELINE_HOME=PREPARED.parent))
