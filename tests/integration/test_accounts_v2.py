"""Objects of an Account instead of a customer: counted as guests', and said so."""

from stripe_pipeline.warehouse.dbt_warnings import accounts_without_customers
from stripe_pipeline.warehouse.transform import dbt_folder

from .conftest import Mirror, Mirrored

MODELS = ("stg_stripe__invoices", "stg_stripe__charges")
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


def test_objects_of_accounts_are_counted_and_told(mirrored: Mirrored) -> None:
    with mirrored(5) as mirror:
        target = str(dbt_folder(mirror.settings()) / "target")
        staging = ("--write-json", "--target-path", target, "--select", *MODELS)
        mirror.warehouse.build(mirror.question, *staging)
        assert accounts_without_customers(mirror.settings()) is None
        _give_to_an_account(mirror, "invoices", 3)
        _give_to_an_account(mirror, "charges", 1)
        mirror.sync(full=True)
        mirror.warehouse.build(mirror.question, *staging)
        sentence = accounts_without_customers(mirror.settings())
    assert sentence is not None
    assert "1 charges, 3 invoices." in sentence
    assert "Accounts v2" in sentence
