"""dbt's folders in a home, with the same relative paths in each home.

dbt keeps the path of the warehouse in its parse cache, and changes into its project's folder. So
its project is a folder of the home, `<home>/dbt/project`, whose entries are links to the real
project, and the paths are relative: the same for every home, whatever characters its path has.
"""

import logging
from pathlib import Path

from stripe_pipeline.files.removing import remove
from stripe_pipeline.process.environment import PROJECT_ROOT
from stripe_pipeline.settings import Settings, load_settings
from stripe_pipeline.warehouse.segment_models import write_segment_models

logger = logging.getLogger(__name__)

DBT_PROJECT = PROJECT_ROOT / "dbt_project"
WAREHOUSE_FROM_PROJECT = "../../warehouse.duckdb"
LAKE_FROM_PROJECT = "../../lake"
_ENTRIES = ("dbt_project.yml", "profiles.yml", "macros", "models", "seeds", "tests")
# In dbt's target folder a name tells what it is: other names are left to dbt.
_OF_FILES = {".json", ".msgpack", ".gpickle", ".sql", ".csv"}
_OF_FOLDERS = {"", ".yml"}


def dbt_folder(settings: Settings) -> Path:
    """Return the folder of dbt's own files: the manifest, compiled SQL and logs."""
    return settings.home / "dbt"


def project_folder(settings: Settings) -> Path:
    """Return the folder that dbt uses as its project; see `link_project`."""
    return dbt_folder(settings) / "project"


def target_folder(settings: Settings) -> Path:
    """Return the folder that dbt writes into: its parse cache, compiled SQL and results."""
    return dbt_folder(settings) / "target"


def link_project(settings: Settings) -> Path:
    """Return the home's project folder, with a link to each part of the dbt project in it.

    Beside the links it has the models of the segment files, written when a file changed. Removes
    what would be in dbt's way, see `_clear_the_way`.

    Raises:
        UsageError: segment files can't be used.
        OSError: the home can't be written.
    """
    folder = project_folder(settings)
    _clear_the_way(settings)
    folder.mkdir(parents=True, exist_ok=True)
    for name in _ENTRIES:
        _link(folder / name, DBT_PROJECT / name)
    write_segment_models(settings, folder)
    return folder


def _clear_the_way(settings: Settings) -> None:
    """Remove what stands in the place of a file or folder of dbt's, which ends without a reason.

    dbt writes everything below these folders again.
    """
    project, target = project_folder(settings), target_folder(settings)
    misfits = (each for each in target.rglob("*") if _is_misfit(each))
    found = target if _is_no_folder(target) else next(misfits, None)
    for misfit, folder in ((found, target), (_is_no_folder(project) and project, project)):
        if misfit:
            logger.warning("%s is in the way of dbt; %s is written again", misfit, folder)
            remove(folder)


def _is_no_folder(path: Path) -> bool:
    """Tell whether something else is in the place of a folder."""
    return path.is_symlink() or (path.exists() and not path.is_dir())


def _is_misfit(path: Path) -> bool:
    """Tell whether something below dbt's target folder isn't what its name says."""
    if path.is_symlink():
        return True
    return path.suffix in (_OF_FILES if path.is_dir() else _OF_FOLDERS)


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    if link.is_dir() and not link.is_symlink():
        remove(link)
    # Other processes of this home may be linking too, or dbt reading.
    temporary = link.with_name(f".{link.name}.link")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.replace(link)


if __name__ == "__main__":
    link_project(load_settings())
