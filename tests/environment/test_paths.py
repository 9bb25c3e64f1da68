"""Paths are paths: no sign in them is a pattern, and what can't be used is refused first."""

from pathlib import Path

import duckdb
import pytest

from stripe_pipeline.cli.commands.demo import run_demo
from stripe_pipeline.errors import UsageError
from stripe_pipeline.files.patterns import exactly
from stripe_pipeline.process.environment import PROJECT_ROOT
from stripe_pipeline.settings import load_settings
from stripe_pipeline.warehouse.dbt_folders import DBT_PROJECT, link_project

NAMES = [
    "shop [live]",
    "*",
    "{eu,us}",
    'it\'s "x"',
    "a b",
    "übér",
    "[!a]",
    "#1",
    "$x",
    "~",
    "&",
    "a,b",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_pattern_of_a_path_fits_that_path_alone(tmp_path: Path, name: str) -> None:
    for number, folder in enumerate((name, "shop l", "shop i", "other", "a")):
        (tmp_path / folder).mkdir(exist_ok=True)
        file = str(tmp_path / folder / "1.parquet").replace("'", "''")
        duckdb.execute(f"copy (select {number} as place) to '{file}' (format parquet)")
    pattern = f"{exactly(tmp_path / name)}/*.parquet"
    assert duckdb.execute("from read_parquet(?)", [pattern]).fetchall() == [(0,)]


@pytest.mark.parametrize("name", ["back\\slash", "what?", "100%41"])
def test_a_home_that_databases_would_misread_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="STRIPE_PIPELINE_HOME can't be used"):
        load_settings(STRIPE_PIPELINE_HOME=tmp_path / name)
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("$HOME/shop", r"names \$HOME, which only a shell fills in"),
        ("/srv/$SHOP_DIR/shop", r"names \$SHOP_DIR, which only a shell"),
        (" /srv/shop", "begins with a blank"),
        ("/srv/shop\nb", "has the end of a line"),
        ("/srv/" + "a/" * 300, "longer than 400 bytes"),
        ("/srv/" + "é" * 200, "longer than 400 bytes"),
        ("~nobody-of-that-name/shop", "a user that this machine doesn't have"),
    ],
)
def test_what_is_no_folder_is_refused_and_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / ".env"
    for given in ({"STRIPE_PIPELINE_HOME": value}, {}):
        file.write_text("" if given else f"STRIPE_PIPELINE_HOME='{value}'\n", encoding="utf-8")
        with pytest.raises(UsageError, match=f"STRIPE_PIPELINE_HOME can't be used: .*{said}"):
            load_settings(_env_file=file, **given)
    assert [path.name for path in tmp_path.iterdir()] == [".env"]


def test_a_link_to_a_path_that_is_too_long_is_refused(tmp_path: Path) -> None:
    far = tmp_path / ("a" * 200) / ("b" * 200)
    far.mkdir(parents=True)
    (tmp_path / "near").symlink_to(far)
    with pytest.raises(UsageError, match="longer than 400 bytes"):
        load_settings(STRIPE_PIPELINE_HOME=tmp_path / "near")


@pytest.mark.parametrize("name", ["cash$flow", "$", "a $HOME", "$home", "~", "~x", "a b ", "#"])
def test_a_folder_is_called_what_it_is_called(tmp_path: Path, name: str) -> None:
    settings = load_settings(STRIPE_PIPELINE_HOME=tmp_path / name)
    assert settings.home == tmp_path / name


def test_a_demos_home_is_looked_at_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"--home can't be used: .* names \$HOME"):
        run_demo(Path("$HOME/demo"), customers=60, seed=1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("inside", ["this project", "all that is yours", "through a link"])
@pytest.mark.parametrize("levels", [0, 1, 2, 20])
def test_a_folder_that_holds_more_than_a_home_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inside: str, levels: int
) -> None:
    """Everything in a home is closed to other users: `/` or the user's own folder mustn't be."""
    monkeypatch.setenv("HOME", str(tmp_path / "ann"))
    folder = PROJECT_ROOT if inside == "this project" else tmp_path / "ann"
    folder.mkdir(exist_ok=True)
    home = [folder, *folder.parents][: levels + 1][-1]
    if inside == "through a link":
        (tmp_path / "link").symlink_to(home)
        home = tmp_path / "link"
    with pytest.raises(UsageError, match=r"holds .* name a folder of its own"):
        load_settings(_env_file=None, STRIPE_PIPELINE_HOME=home)
    own = folder / "var"
    assert load_settings(_env_file=None, STRIPE_PIPELINE_HOME=own).home == own


@pytest.mark.parametrize("name", ["EXCHANGE_RATES", "PERSON_OVERRIDES"])
def test_a_file_that_duckdb_would_misread_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=rf"_{name} can't be used: .* has a \\ in it"):
        load_settings(**{f"STRIPE_PIPELINE_{name}": tmp_path / "a\\b.csv"})


def test_a_variable_that_isnt_set_is_not_filled_in_with_nothing(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("BASE=/srv\nSTRIPE_PIPELINE_HOME=${BASE}/${NO_SUCH_VARIABLE}/x\n")
    with pytest.raises(UsageError, match=r"line 2 asks for \$\{NO_SUCH_VARIABLE\}, "):
        load_settings(_env_file=file)
    file.write_text("BASE=/srv\nSTRIPE_PIPELINE_HOME=${BASE}/${NO_SUCH_VARIABLE:-y}/x\n")
    assert load_settings(_env_file=file).home == Path("/srv/y/x")


def test_dbt_s_project_in_a_home_is_links_and_is_mended(tmp_path: Path) -> None:
    settings = load_settings(STRIPE_PIPELINE_HOME=tmp_path / "shop [live]")
    folder = link_project(settings)
    assert (folder / "models").readlink() == DBT_PROJECT / "models"
    (folder / "models").unlink()
    (folder / "models").mkdir()
    (folder / "seeds").unlink()
    (folder / "seeds").symlink_to(tmp_path / "nowhere")
    link_project(settings)
    assert (folder / "models" / "raw").is_dir()
    assert (folder / "seeds" / "currencies.csv").is_file()
