"""`stripe-pipeline forget`: asked for on purpose, and told in one sentence what went wrong."""

from pathlib import Path

import pytest

from stripe_pipeline.lake import Lake, object_table
from stripe_pipeline.lake.tables import ensure_tables
from stripe_pipeline.values.objects import ObjectRow

from ..conftest import Cli
from .conftest import NOW


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose lake has one customer."""
    folder = tmp_path / "home"
    lake = Lake(folder / "lake")
    ensure_tables(lake)
    body = b'{"id":"cus_1","object":"customer","created":1,"email":"ada@shop.example"}'
    row = ObjectRow("cus_1", "customer", 1, False, False, "cus_1", "v", NOW, body)
    with lake.writing():
        lake.append("customers", object_table([row]), {})
    return folder


def bodies(home: Path) -> str:
    return str([part["body"].to_pylist() for part in Lake(home / "lake").read("customers")])


def test_where_no_one_can_be_asked_it_needs_a_word(cli: Cli, home: Path) -> None:
    done = cli("forget", "cus_1", STRIPE_PIPELINE_HOME=str(home))
    assert (done.returncode, done.stdout) == (2, "")
    assert "--yes" in done.stderr
    assert "ada@shop.example" in bodies(home)


@pytest.mark.parametrize("identifier", ["cus_2", "nonsense"])
def test_who_is_unknown_is_told_before_anything_is_asked(
    cli: Cli, home: Path, identifier: str
) -> None:
    done = cli("forget", identifier, STRIPE_PIPELINE_HOME=str(home))
    assert (done.returncode, done.stdout) == (1, "")
    assert identifier in done.stderr
    assert "--yes" not in done.stderr


def test_a_person_unknown_and_a_person_known(cli: Cli, home: Path) -> None:
    done = cli("forget", "cus_2", "--yes", STRIPE_PIPELINE_HOME=str(home))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "cus_2" in done.stderr

    for word in ("is erased", "had been erased before"):
        done = cli("forget", "cus_1", "--yes", STRIPE_PIPELINE_HOME=str(home))
        assert done.returncode == 0, done.stderr
        assert word in done.stdout
        assert "ada" not in done.stdout + done.stderr
    assert "ada@shop.example" not in bodies(home)
