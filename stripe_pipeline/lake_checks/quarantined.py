"""Check for a resource's quarantined objects, which are counted nowhere."""

from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.quarantine import Quarantined, in_quarantine
from stripe_pipeline.lake_checks.verdict import Verdict
from stripe_pipeline.values.words import agreeing, counted

NAMED = 5
# By a part of the technical reason; reasons without one of these are plain enough.
_MEANINGS = (
    ("UTF-8", "its text is damaged"),
    ("surrogate", "its text is damaged, mostly an emoji cut in half"),
    ("valid JSON", "Stripe's answer about it is damaged"),
    ("nested", "it is far more complex than what Stripe documents"),
    ("control characters", "nothing can show or ask for it"),
)


def quarantined_verdict(lake: Lake, resource: str) -> Verdict:
    """Judge whether every object that was read of a resource could be used."""
    held = [each for each in in_quarantine(lake) if each.resource == resource]
    if not held:
        return Verdict(True, "Every object that was read can be used.", {"quarantined": 0})
    label = resource.replace("_", " ")
    named = "; ".join(map(_named, reversed(held[-NAMED:])))
    more = f"; and {len(held) - NAMED:,} more" if len(held) > NAMED else ""
    sentence = (
        f"{counted(len(held), label.removesuffix('s'))} can't be used and "
        f"{agreeing(len(held), 'is', 'are')} in quarantine: no figure has such an object in it, or "
        f"only as it was before: {named}{more}. Correct it in Stripe, or report it to Stripe's "
        "support; the next `stripe-pipeline sync` reads it again, and `sync --full` one without an "
        "id. The bodies are in the lake's table `quarantine`."
    )
    return Verdict(False, sentence, {"quarantined": len(held), "objects": _ids(held)})


def _named(each: Quarantined) -> str:
    """Name an object and its reason; without an id, by the object before it in Stripe's list."""
    place = f"the one after {each.after_id}" if each.after_id else "the first of a page"
    return f"{each.object_id or place} ({in_plain_words(each.reason)})"


def in_plain_words(reason: str) -> str:
    """Return a reason with its meaning in plain words before the technical one."""
    means = next((said for sign, said in _MEANINGS if sign in reason), None)
    return f"{means}: {reason}" if means else reason


def _ids(held: list[Quarantined]) -> str:
    return ", ".join(each.object_id or each.key for each in held[-100:])
