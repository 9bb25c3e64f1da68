"""Everything in a home is its owner's alone, also where an older version made it otherwise."""

import stat
from pathlib import Path

from stripe_pipeline.private import make_private
from stripe_pipeline.settings import load_settings
from stripe_pipeline.warehouse.transform import make_folder


def test_an_older_home_is_closed_and_links_lead_where_they_led(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.touch(0o644)
    home = tmp_path / "home"
    (home / "lake" / "customers").mkdir(parents=True)
    for path in (home, home / "lake", home / "lake" / "customers"):
        path.chmod(0o755)
    (home / "lake" / "customers" / "1.parquet").touch(0o644)
    (home / "link").symlink_to(outside)
    make_folder(load_settings(STRIPE_PIPELINE_HOME=home), home / "dagster")
    modes = {path.name: stat.S_IMODE(path.lstat().st_mode) for path in home.rglob("*")}
    assert (modes["lake"], modes["customers"], modes["1.parquet"]) == (0o700, 0o700, 0o600)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644


def test_a_closed_home_is_not_searched(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(0o700)
    (home / "file").touch(0o644)
    (home / "file").chmod(0o644)
    make_private(home)
    assert stat.S_IMODE((home / "file").stat().st_mode) == 0o644
