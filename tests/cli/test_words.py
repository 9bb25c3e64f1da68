"""Words that agree with a number, and the sentence of a command that was stopped."""

import pytest

from stripe_pipeline.terminal.stopping import StoppedError
from stripe_pipeline.words import agreeing, counted


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
