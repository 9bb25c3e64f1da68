"""Summarise an export's result in a sentence: what was exported, and why the rest wasn't."""

from collections import Counter

from stripe_pipeline.activation.export import ExportReport
from stripe_pipeline.activation.files import iso
from stripe_pipeline.values.words import counted

SWITCH = "STRIPE_PIPELINE_LIVE_SENDS isn't on"


def outcome(report: ExportReport) -> str:
    """Return a sentence: how many messages were exported or rehearsed, and the rest by reason."""
    if kept_back := kept_back_sentence(report):
        return kept_back
    done = f"{_messages(report.new_messages)} exported."
    if report.is_dry_run:
        done = f"{_messages(report.new_messages)} rehearsed and none sent, as {SWITCH}."
    return " ".join(filter(None, [done, _held_sentence(report), unpublished_sentence(report)]))


def _held_sentence(report: ExportReport) -> str:
    held = held_by_reason(report)
    if not held:
        return ""
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(held.items()))
    return f"{_messages(held.total())} held or skipped: {reasons}."


def unpublished_sentence(report: ExportReport) -> str:
    """Return a sentence: which campaigns wait for a segment that isn't published; else ""."""
    if not report.unpublished:
        return ""
    named = ", ".join(f"{name} for {segment}" for name, segment in report.unpublished.items())
    return (
        f"Campaigns wait for a segment that the published tables don't have: {named}; "
        "`stripe-pipeline run` computes a new segment, and a disabled one has to be enabled."
    )


def kept_back_sentence(report: ExportReport) -> str:
    """Return sentences: that a late run exported nothing, what waits for live sends; else ""."""
    sentences = []
    if report.late_after:
        sentences.append(
            f"No message was exported: the run is as of {iso(report.as_of)}, before the newest "
            f"recorded segment move of {iso(report.late_after)}; a run for the present exports."
        )
    if report.finished.waiting:
        named = ", ".join(folder.parent.name for folder in report.finished.waiting)
        sentences.append(
            f"Live exports that were interrupted wait to appear, as {SWITCH}: {named}; the next "
            "export with it finishes them."
        )
    return " ".join(sentences)


def held_by_reason(report: ExportReport) -> Counter[str]:
    """Count the held and skipped messages of all campaigns by reason."""
    found: Counter[str] = Counter()
    for campaign in report.campaigns:
        for status in ("held", "skipped"):
            found.update(campaign.counts.get(status, {}))
    return found


def _messages(count: int) -> str:
    return counted(count, "message")
