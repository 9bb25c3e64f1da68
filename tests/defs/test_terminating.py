"""A step that is terminated in the web UI says what has become of it, and how to go on."""

import logging
from collections.abc import Mapping

import dagster as dg
import pytest

from stripe_pipeline.orchestration.lost_runs import IN_PROCESS_TAG
from stripe_pipeline.orchestration.terminating import explaining_termination


@dg.op
def step(context: dg.OpExecutionContext) -> None:
    """Be terminated."""
    with explaining_termination(context, "The export of email messages"):
        raise dg.DagsterExecutionInterruptedError


@dg.job
def work() -> None:
    """One step."""
    step()


def said(caplog: pytest.LogCaptureFixture, tags: Mapping[str, str]) -> list[str]:
    with (
        caplog.at_level(logging.INFO, "stripe_pipeline"),
        pytest.raises(dg.DagsterExecutionInterruptedError),
    ):
        work.execute_in_process(tags=tags)
    name = explaining_termination.__module__
    return [each.getMessage() for each in caplog.records if each.name == name]


def test_it_says_how_to_go_on(caplog: pytest.LogCaptureFixture) -> None:
    [sentence] = said(caplog, {})
    assert sentence.startswith("The export of email messages was stopped before its end")
    assert "Re-execute the run" in sentence


def test_the_terminal_has_a_sentence_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    assert said(caplog, {IN_PROCESS_TAG: "true"}) == []
