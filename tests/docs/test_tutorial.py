"""The tutorial, word for word: each command is run as it stands, and prints what is shown."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from stripe_pipeline.process.environment import PROJECT_ROOT

from ..conftest import clean_environment
from .console import CUT, missing, steps

PAGE = PROJECT_ROOT / "docs" / "tutorial" / "first-email-export.md"
# `.ci/run` clones and sets up; the tests run in what that made.
SETUP = ("git clone <this repository> stripe-pipeline", "cd stripe-pipeline", "make setup")
STORE = ".venv/bin/python -m stripe_pipeline.demo.store --files var/shop"
USUAL_ADDRESS = "http://127.0.0.1:12111"


def test_the_tutorial_sets_up_and_opens_the_shop_first() -> None:
    assert tuple(step.command for step in steps(PAGE)[:4]) == (*SETUP, STORE)
    assert len(steps(PAGE)) > 12


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder that looks like a checkout that `make setup` was called in."""
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return tmp_path


@pytest.fixture
def shop(checkout: Path) -> Iterator[str]:
    """The address of the shop of step 2, on a free port instead of the usual one."""
    with subprocess.Popen(
        f"exec {STORE} --port 0",
        shell=True, cwd=checkout, env=clean_environment(), stdout=subprocess.PIPE, text=True,
    ) as store:  # fmt: skip
        assert store.stdout is not None
        name, _, address = store.stdout.readline().strip().partition("=")
        assert name == "STRIPE_API_BASE"
        yield address
        store.terminate()


@pytest.mark.slow
def test_each_command_prints_what_is_shown(checkout: Path, shop: str) -> None:
    environment = clean_environment()
    for command, shown in steps(PAGE)[len(SETUP) + 1 :]:
        if setting := re.fullmatch(r"export (\w+)=(\S+)", command):
            environment[setting[1]] = setting[2].replace(USUAL_ADDRESS, shop)
            continue
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=checkout, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}: {done.stderr}"
        assert missing(shown, done.stdout, any_numbers=True) == [], (
            f"{command}{os.linesep}{done.stdout}"
        )


def test_a_line_that_was_not_printed_is_missed() -> None:
    printed = "│ thanks  │ due │   12 │\n1,200 customers\n"
    like = partial(missing, printed=printed, any_numbers=True)
    assert like(["│ thanks │ due │ 38 │", CUT, "497 customers"]) == []
    assert like(["497 customers", "│ thanks │ due │ 38 │"]) == ["│ thanks │ due │ 38 │"]
    assert like(["│ thanks │ exported │ 38 │"]) == ["│ thanks │ exported │ 38 │"]
    assert missing(["│ thanks │ due │ 12 │", "497 customers"], printed) == ["497 customers"]
