"""Keep the dbt models of the segment files in a home's dbt project: what the files say now."""

import os
from pathlib import Path

from stripe_pipeline.files.removing import remove
from stripe_pipeline.segments.files import load_segments
from stripe_pipeline.segments.model_files import model_files
from stripe_pipeline.settings import Settings

# A folder of models beside those of the project; dbt_project.yml names it.
FOLDER = "segment_models"


def compiled(settings: Settings) -> dict[str, str]:
    """Return the text of each model of the segment files, by its path below FOLDER.

    Raises:
        UsageError: segment files can't be used; every mistake is told.
    """
    return model_files(load_segments(settings.segments, settings.metadata_columns))


def write_segment_models(settings: Settings, project: Path) -> None:
    """Write the models that changed, and remove those whose file is gone.

    Raises:
        UsageError: segment files can't be used; every mistake is told.
        OSError: the home can't be written.
    """
    folder = project / FOLDER
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        remove(folder)
    wanted = compiled(settings)
    for name, text in wanted.items():
        _write(folder / name, text)
    for path in sorted(folder.rglob("*.*")):
        # A name that begins with a dot is one that another process is about to give a file.
        if not path.name.startswith(".") and str(path.relative_to(folder)) not in wanted:
            remove(path)


def _write(path: Path, text: str) -> None:
    if path.is_dir():
        remove(path)
    if path.is_file() and path.read_bytes() == text.encode():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
