"""dbt's folders in a home, with the same relative paths in each home.

dbt keeps the path of the warehouse in its parse cache, and changes into its project's folder. So
its project is a folder of the home, `<home>/dbt/project`, whose entries are links to the real
project, and the paths are relative: the same for every home, whatever characters its path has.
"""

import shutil
from pathlib import Path

from stripe_pipeline.settings import Settings
from stripe_pipeline.surroundings import PROJECT_ROOT

DBT_PROJECT = PROJECT_ROOT / "dbt_project"
WAREHOUSE_FROM_PROJECT = "../../warehouse.duckdb"
LAKE_FROM_PROJECT = "../../lake"
_ENTRIES = ("dbt_project.yml", "profiles.yml", "macros", "models", "seeds", "tests")


def dbt_folder(settings: Settings) -> Path:
    """Return the folder of dbt's own files: the manifest, compiled SQL and logs."""
    return settings.home / "dbt"


def project_folder(settings: Settings) -> Path:
    """Return the folder that dbt uses as its project; see `link_project`."""
    return dbt_folder(settings) / "project"


def link_project(settings: Settings) -> Path:
    """Return the home's project folder, with a link to each part of the dbt project in it.

    Raises:
        OSError: the home can't be written.
    """
    folder = project_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    for name in _ENTRIES:
        _link(folder / name, DBT_PROJECT / name)
    return folder


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    if link.is_dir() and not link.is_symlink():
        shutil.rmtree(link)
    # Other processes of this home may be linking too, or dbt reading.
    temporary = link.with_name(f".{link.name}.link")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.replace(link)
