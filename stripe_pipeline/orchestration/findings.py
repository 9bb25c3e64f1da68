"""The failed checks and warnings of a run, each in one sentence."""

from dataclasses import dataclass

import dagster as dg


@dataclass(frozen=True)
class Finding:
    """One sentence, and the checks that say it, as `<asset>: <check>`.

    `holds`: it is an error, which may block publishing and exports, and not a warning.
    """

    checks: tuple[str, ...]
    sentence: str
    holds: bool

    @property
    def line(self) -> str:
        """The finding as one line: the sentence, followed by the names of the checks."""
        return f"{self.sentence} [{', '.join(self.checks)}]"


def findings(instance: dg.DagsterInstance, run_id: str) -> list[Finding]:
    """Return what the checks of a run found, errors first, then by asset; each sentence once."""
    newest: dict[dg.AssetCheckKey, dg.AssetCheckEvaluation] = {}
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION):
        evaluation = entry.dagster_event.event_specific_data if entry.dagster_event else None
        if isinstance(evaluation, dg.AssetCheckEvaluation):
            newest[evaluation.asset_check_key] = evaluation
    return _merged([each for each in newest.values() if not each.passed])


def _merged(failed: list[dg.AssetCheckEvaluation]) -> list[Finding]:
    by_sentence: dict[tuple[bool, str], list[str]] = {}
    for each in sorted(failed, key=lambda one: (one.asset_key.path, one.check_name)):
        holds = each.severity == dg.AssetCheckSeverity.ERROR
        by_sentence.setdefault((not holds, _sentence(each)), []).append(_name(each))
    return [
        Finding(tuple(names), sentence, not only_warns)
        for (only_warns, sentence), names in sorted(by_sentence.items(), key=lambda one: one[0][0])
    ]


def _name(evaluation: dg.AssetCheckEvaluation) -> str:
    return f"{evaluation.asset_key.to_user_string()}: {evaluation.check_name}"


def _sentence(evaluation: dg.AssetCheckEvaluation) -> str:
    said = " ".join((evaluation.description or "").split())
    return said or "The check didn't pass; `make ui` shows it under its asset."
