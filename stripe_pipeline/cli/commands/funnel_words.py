"""What `campaigns preview` says of a campaign's funnel."""

from stripe_pipeline.activation.campaign import Campaign
from stripe_pipeline.activation.previews.closely import CloseLook
from stripe_pipeline.settings.clock import in_words
from stripe_pipeline.values.words import agreeing, counted

_STEPS = {
    "members": "members of the segment",
    "person_once": "people, each once",
    "new_since_live": "who entered since the campaign went live",
    "in_time": "whose fact isn't older than `within`",
    "not_again": "whom `re_entry` gives a message for this stay",
    "not_excluded": "who aren't in what the campaign excludes",
    "consented": "who consented",
    "reachable": "who can be reached",
    "not_suppressed": "who didn't opt out and aren't suppressed",
    "rates_known": "whose totals have their exchange rates",
    "first_at_address": "first at their address",
    "not_sent_before": "who haven't had the message",
    "goal_not_met": "who haven't reached the goal",
    "on_schedule": "for whom it is a time of the schedule",
    "fills_in": "for whom the template fills in",
    "due": "due",
}

_OF_FACTS = {
    "members": "facts, each of a customer",
    "person_once": "facts, each of a person once",
    "new_since_live": "which happened since the campaign went live",
}


def step_words(campaign: Campaign) -> dict[str, str]:
    """Return what each step of a campaign's funnel is called."""
    return _STEPS | (_OF_FACTS if campaign.audience.trigger else {})


def existing_words(found: CloseLook) -> str:
    """Return a sentence about those who were there when the campaign went live."""
    number, said = found.funnel.existing, found.campaign.audience.existing_members
    if found.campaign.audience.trigger:
        return _earlier(found)
    when = f"when it went live, {in_words(found.funnel.went_live)}"
    if found.funnel.went_live == found.as_of:
        when = "already, as a run now would be its first"
    get = agreeing(number, "gets", "get") if said == "include" else "get"
    never = "" if said == "include" else agreeing(number, "doesn't ", "don't ")
    return (
        f"{counted(number, 'person', 'people')} of them {agreeing(number, 'was', 'were')} there "
        f"{when}; with `existing_members: {said}` {agreeing(number, 'that one', 'they')} "
        f"{never}{get} the message."
    )


def _earlier(found: CloseLook) -> str:
    """Return a sentence about the facts of before the campaign went live."""
    number, said = found.funnel.existing, found.campaign.audience.existing_members
    when = f"the campaign went live, {in_words(found.funnel.went_live)}"
    if found.funnel.went_live == found.as_of:
        when = "now, when a run would be the campaign's first"
    message = "a message" if said == "include" else "no message"
    return (
        f"{counted(number, 'fact')} {agreeing(number, 'is', 'are')} of before {when}; with "
        f"`existing_members: {said}` {agreeing(number, 'it gives', 'they give')} {message}."
    )
