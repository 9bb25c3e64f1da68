"""External assets: the lake's logs that dbt reads and that no asset materializes as a whole.

People and the product append to them. Dagster shows where they enter the graph; it can't run them.
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


def log_key(table: str) -> dg.AssetKey:
    """Return the asset key of one of the lake's logs."""
    return dg.AssetKey(["lake", table])


lake_logs = [
    dg.AssetSpec(log_key(table), group_name="lake", description=description, kinds={"parquet"})
    for table, description in _LOGS.items()
]
