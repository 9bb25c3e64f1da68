"""Say in one sentence what a dbt run found that is worth a look and holds nothing."""

from pathlib import Path

import msgspec

from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.transform import dbt_folder

_ACCOUNTS = "stands_beside_a_customer_stg_stripe__"


def accounts_without_customers(settings: Settings) -> str | None:
    """What the newest dbt run counted of objects that name an Account and no customer, or None.

    A merchant that uses Stripe's Accounts v2 has Accounts in the place of customers, which the
    pipeline doesn't read.
    """
    found = _warned(dbt_folder(settings) / "target" / "run_results.json")
    if not found:
        return None
    listed = ", ".join(f"{count:,} {resource}" for resource, count in sorted(found.items()))
    return (
        f"Objects belong to an Account (Stripe's Accounts v2) and to no customer: {listed}. They "
        "count as guests', in nobody's profile; have Stripe create customers with them to change "
        "that."
    )


def _warned(path: Path) -> dict[str, int]:
    """By resource, how many objects the test of its staging table warned of."""
    if not path.exists():
        return {}
    results = msgspec.json.decode(path.read_bytes())["results"]
    warned = [each for each in results if each["status"] == "warn"]
    return {
        _resource(each["unique_id"]): each["failures"]
        for each in warned
        if _ACCOUNTS in each["unique_id"]
    }


def _resource(test: str) -> str:
    """The resource, in words, whose test has this id."""
    return test.partition(_ACCOUNTS)[2].partition("_customer_account")[0].replace("_", " ")
