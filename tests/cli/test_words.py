"""Words that agree with a number, and the sentence of a command that was stopped."""

import os
import signal
import subprocess
import sys
from typing import NoReturn

import pytest

from stripe_pipeline.cli.commands import rates
from stripe_pipeline.cli.commands.app import run_command
from stripe_pipeline.terminal.stopping import StoppedError
from stripe_pipeline.values.words import agreeing, counted


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 rates"), (1, "1 rate"), (2, "2 rates"), (12_000, "12,000 rates")]
)
def test_a_noun_agrees_with_its_number(number: int, said: str) -> None:
    assert counted(number, "rate") == said


def test_a_plural_of_its_own_and_a_verb() -> None:
    assert counted(1, "currency", "currencies") == "1 currency"
    assert counted(2, "currency", "currencies") == "2 currencies"
    assert [agreeing(number, "is", "are") for number in (0, 1, 2)] == ["are", "is", "are"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("run", "The run was stopped before its end"),
        ("sync", "The sync was stopped before its end"),
        ("preview", "The preview was stopped before its end; nothing of it is recorded"),
        ("forget", "The erasure was stopped before its end; what is erased stays erased"),
        ("reconcile", "The comparison was stopped"),
        ("docs", "The command `docs` was stopped before its end"),
        ("rates import", "The command `rates import` was stopped before its end"),
    ],
)
def test_what_was_stopped_has_its_name(command: str, said: str) -> None:
    assert str(StoppedError(command)).startswith(said)
    assert StoppedError(command).exit_code == 130


def test_ctrl_c_in_any_command_says_which_was_stopped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted() -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(rates, "load_settings", interrupted)
    with pytest.raises(SystemExit) as ended:
        run_command(["rates", "template"])
    assert ended.value.code == 130
    said = capsys.readouterr().err
    assert said.startswith("The command `rates template` was stopped before its end")
    assert said.count("\n") == 1


def test_sigterm_in_any_command_says_which_was_stopped() -> None:
    script = (
        "import os, signal; from stripe_pipeline.cli.commands import app, rates;"
        "rates.load_settings = lambda: os.kill(os.getpid(), signal.SIGTERM);"
        "app.run_command(['rates', 'template'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "STRIPE_PIPELINE_ENV_FILE": os.devnull},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 128 + signal.SIGINT
    assert done.stderr.startswith("The command `rates template` was stopped before its end")
