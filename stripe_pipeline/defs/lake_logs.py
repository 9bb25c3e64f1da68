"""External assets: the lake's logs that dbt reads and that no asset materializes as a whole.

People and the product append to them; a run appends to those of contacts before dbt starts. Dagster
shows where they enter the graph; it can't run them.
"""

import dagster as dg

_LOGS = {
    "resource_access": "Which resources the key could read, at each sync.",
    "consent_entries": "Opt-ins and opt-outs that people recorded or imported.",
    "suppression_entries": "Addresses that get nothing, and those that were lifted again.",
    "segment_moves": "Who entered and left which segment when, appended each run.",
    "outbox_entries": "Each message's status, appended at each export.",
    "reconciliations": "What each comparison with Stripe's lists found, a row for each resource.",
    "quarantine": "Objects that can't be used, each with its body as it came and the reason.",
    "erasures": "Whose personal data was erased, and when: ids and nothing else.",
}
_CONTACTS = {
    "contact_batches": "Up to which batch of Stripe's tables the contacts are normalized.",
    "contact_countries": "Which country each text of the lake names.",
    "contact_emails": "How each email address of the lake is normalized.",
    "contact_locales": "Which locale each text of the lake names.",
    "contact_names": "How each name of the lake is split into first and last name.",
    "contact_phones": "How each phone number of the lake is normalized, by country.",
}


def log_key(table: str) -> dg.AssetKey:
    """Return the asset key of one of the lake's logs."""
    return dg.AssetKey(["lake", table])


lake_logs = [
    dg.AssetSpec(log_key(table), group_name="lake", description=description, kinds={"parquet"})
    for table, description in (_LOGS | _CONTACTS).items()
]
