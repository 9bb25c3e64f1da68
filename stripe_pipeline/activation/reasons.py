"""Why a message isn't sent: the reasons that stand on a message's row."""

TEMPLATE_FAILED = "template_failed"  # known only when a message is rendered
NOT_LIVE = "not_live"  # known only when an interrupted export is finished

# Why a message isn't sent, by status; held messages are decided again at each export.
REASONS = {
    "no_address": "none of the person's customers in the segment has an address for the channel",
    "undeliverable": "no one can have the address, as its form or its domain's name shows",
    "suppressed": "an address of the person is suppressed, for the channel or for all",
    "opted_out": "an address of the person has opted out of the channel at some time",
    "unsafe_address": "the address begins like a formula, which a spreadsheet would compute",
    "no_consent": "no one has recorded an opt-in of the address to the channel",
    "missing_rate": "a field that the segment or the template names lacks an exchange rate",
    "duplicate_address": "another person with the same address gets or got the message",
    "same_person": "another message of the campaign stands for the person's stay",
    "existing_member": "the person was in the segment when the campaign went live",
    "earlier_fact": "the fact that triggers the message is of before the campaign went live",
    "excluded": "the person is in a segment or on a list that the campaign excludes",
    "re_entry": "the person had the campaign's message for an earlier stay",
    "too_late": "the fact is older than the campaign's `within`",
    "interrupted": "its export was interrupted and damaged before it appeared; it is due again",
    NOT_LIVE: "the campaign was stopped before its interrupted export appeared",
    "goal_met": "one of the person's customers is in the segment that is the campaign's goal",
    "before_start": "the campaign's first day, `not_before`, hasn't begun where the person is",
    "outside_window": "it isn't a day or an hour of the campaign's schedule where the person is",
    "expired": "the campaign's last day, `until`, is over where the person is",
    TEMPLATE_FAILED: "the campaign's template can't be filled in with the customer's values",
    "live_sends_off": "rehearsed only, as STRIPE_PIPELINE_LIVE_SENDS isn't on",
}

# Reasons of the campaign's own, whatever the person's address.
OF_AUDIENCE = ("existing_member", "earlier_fact", "too_late", "re_entry", "excluded")
# Of these nothing changes by itself; the other reasons hold a message.
SKIPPING = ("undeliverable", "duplicate_address", "goal_met", "expired", *OF_AUDIENCE[:-1])
# A fact whose message waits for one of these doesn't become too old meanwhile.
WAITING = ("interrupted", "before_start", "outside_window")
