"""Objects of an Account instead of a customer: counted as guests', and said so."""

import json

from stripe_pipeline.warehouse.dbt_findings import finding
from stripe_pipeline.warehouse.dbt_folders import dbt_folder

from .conftest import Mirror, Mirrored

MODELS = ("stg_stripe__invoices", "stg_stripe__charges")
CONTACTS = "path:models/staging/contacts"
ACCOUNT = {"customer": None, "customer_account": "acct_1MemberOfTheV2Preview"}


def _give_to_an_account(mirror: Mirror, resource: str, count: int) -> None:
    found = mirror.store.reader.execute(
        "select id from objects where resource = ? and is_listed and customer is not null"
        " order by sequence limit ?",
        (resource, count),
    )
    for (identifier,) in found.fetchall():
        whole = mirror.store.read(resource, identifier)
        assert whole is not None
        mirror.store.put(whole | ACCOUNT)


def _told(mirror: Mirror) -> dict[str, str]:
    """What the newest dbt run's warnings say, by the tested model."""
    target = dbt_folder(mirror.settings()) / "target"
    results = json.loads((target / "run_results.json").read_bytes())["results"]
    nodes = json.loads((target / "manifest.json").read_bytes())["nodes"]
    return {
        nodes[each["unique_id"]]["attached_node"].split(".")[-1]: finding(
            nodes[each["unique_id"]], each["failures"]
        )
        for each in results
        if each["status"] == "warn"
    }


def test_objects_of_accounts_are_counted_and_told(mirrored: Mirrored) -> None:
    with mirrored(5) as mirror:
        target = str(dbt_folder(mirror.settings()) / "target")
        staging = ("--write-json", "--target-path", target, "--select", CONTACTS, *MODELS)
        mirror.warehouse.build(mirror.question, *staging)
        assert _told(mirror) == {}
        _give_to_an_account(mirror, "invoices", 3)
        _give_to_an_account(mirror, "charges", 1)
        mirror.sync(full=True)
        mirror.warehouse.build(mirror.question, *staging)
        told = _told(mirror)
    assert told.keys() == set(MODELS)
    assert told["stg_stripe__invoices"].startswith("3 of them belong to an Account")
    assert told["stg_stripe__charges"].startswith("1 of them belong to an Account")
    assert all("Accounts v2" in sentence for sentence in told.values())
