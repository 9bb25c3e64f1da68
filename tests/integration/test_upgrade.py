"""A warehouse that older code has filled: the next run reads again what is read otherwise now."""

import duckdb

from ..oracle.compare import agree, snapshot_differences
from .conftest import Mirrored

STAGED = ("+stg_stripe__coupons", "+stg_stripe__products")
STAGING = ("--select", *STAGED, "--exclude-resource-type", "test", "unit_test")


def test_what_older_code_has_read_is_read_again(mirrored: Mirrored) -> None:
    with mirrored(5) as mirror:
        mirror.warehouse.build(mirror.question, *STAGING)
        staged = mirror.warehouse.snapshot("staging")
        with duckdb.connect(str(mirror.warehouse.home / "warehouse.duckdb")) as warehouse:
            # A release that read fewer columns, and one that read a column otherwise.
            warehouse.execute("alter table staging.stg_stripe__coupons drop column coupon_name")
            warehouse.execute("comment on table staging.stg_stripe__coupons is null")
            warehouse.execute(
                "update staging.stg_stripe__products set product_name = 'read before'"
            )
            warehouse.execute("comment on table staging.stg_stripe__products is 'other code'")
        mirror.warehouse.build(mirror.question, *STAGING)
        agree(snapshot_differences(mirror.warehouse.snapshot("staging"), staged))


def test_what_this_code_has_read_stays(mirrored: Mirrored) -> None:
    with mirrored(5) as mirror:
        mirror.warehouse.build(mirror.question, *STAGING)
        with duckdb.connect(str(mirror.warehouse.home / "warehouse.duckdb")) as warehouse:
            warehouse.execute(
                "update staging.stg_stripe__products set product_name = 'read before'"
            )
        mirror.warehouse.build(mirror.question, *STAGING)
        products = mirror.warehouse.rows("staging.stg_stripe__products")
        assert {row["product_name"] for row in products} == {"read before"}
