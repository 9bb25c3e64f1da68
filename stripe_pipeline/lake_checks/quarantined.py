"""Which objects of a resource can't be used, and so are counted nowhere."""

from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.quarantine import Quarantined, in_quarantine
from stripe_pipeline.lake_checks.verdict import Verdict

NAMED = 5


def quarantined_verdict(lake: Lake, resource: str) -> Verdict:
    """Judge whether every object that was read of a resource could be used."""
    held = [each for each in in_quarantine(lake) if each.resource == resource]
    if not held:
        return Verdict(True, "Every object that was read can be used.", {"quarantined": 0})
    label = resource.replace("_", " ")
    named = "; ".join(map(_named, reversed(held[-NAMED:])))
    more = f"; and {len(held) - NAMED:,} more" if len(held) > NAMED else ""
    sentence = (
        f"{len(held):,} {label} can't be used and are in quarantine: no figure has them in it, or "
        f"only as they were before: {named}{more}. Correct them in Stripe, or report them to "
        "Stripe's support; the next `stripe-pipeline sync` reads them again, and `sync --full` "
        "those without an id. Their bodies are in the lake's table `quarantine`."
    )
    return Verdict(False, sentence, {"quarantined": len(held), "objects": _ids(held)})


def _named(each: Quarantined) -> str:
    """An object and its reason; one without an id by what stands before it in Stripe's list."""
    if each.object_id:
        return f"{each.object_id} ({each.reason})"
    place = f"the one after {each.after_id}" if each.after_id else "the first of a page"
    return f"{place} ({each.reason})"


def _ids(held: list[Quarantined]) -> str:
    return ", ".join(each.object_id or each.key for each in held[-100:])
