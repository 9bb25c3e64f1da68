"""What the macros promise, each in the cases in which engines differ without an error."""

from typing import Any

import duckdb
import pytest
import sqlglot

from .macros import Macros

M = Macros("duckdb")
SPARK = Macros("spark")
WIDE = "12345678901234567890123456789012345678"


def value(sql: str) -> Any:
    with duckdb.connect() as connection:
        (found,) = connection.execute(f"select {sql}").fetchall()
        return found[0]


@pytest.mark.parametrize(
    ("dividend", "divisor", "quotient"),
    [
        ("7", "2", 3),
        # Towards zero, not down.
        ("-7", "2", -3),
        ("7 - 14", "1 + 1", -3),
        # Beyond 64 bits, where `div` wraps.
        (f"cast('{WIDE}' as hugeint)", "2", int(WIDE) // 2),
        ("null", "2", None),
    ],
)
def test_a_whole_quotient(dividend: str, divisor: str, quotient: int | None) -> None:
    assert value(M.whole_quotient(dividend, divisor)) == quotient


@pytest.mark.parametrize(
    ("number", "sign"),
    [
        ("-9007199254740993", -1),
        ("0", 0),
        # Above 2^53 a double is another number.
        ("9007199254740993 - 9007199254740992", 1),
        (f"cast('-{WIDE}' as hugeint)", -1),
        ("null", None),
    ],
)
def test_a_sign(number: str, sign: int | None) -> None:
    assert value(M.sign_of(number)) == sign


@pytest.mark.parametrize(
    ("dividend", "divisor", "rounded"),
    [
        *(("5", "2", 3), ("-5", "2", -3), ("4", "3", 1), ("-4", "3", -1), ("0", "3", 0)),
        ("null", "3", None),
    ],
)
def test_half_is_rounded_away_from_zero(dividend: str, divisor: str, rounded: int | None) -> None:
    assert value(M.divide_half_up(dividend, divisor)) == rounded


@pytest.mark.parametrize(
    "rate",
    ["1.123456789012345678", "0.000000000000000001", "99999999999999999999.999999999999999999"],
)
def test_a_rate_keeps_its_last_decimals(rate: str) -> None:
    """Multiplied by 10^9 twice, Spark loses the last two: its product has seven decimals."""
    given = f"cast('{rate}' as decimal(38, 18))"
    assert value(M.whole_e18(given)) == int(rate.replace(".", ""))


def test_a_null_part_of_a_key_is_an_empty_one() -> None:
    """Spark's concat of a null is null: all keys with a null would be the same."""
    assert value(M.hash_key(["'a'", "null"])) == value(M.hash_key(["'a'", "''"]))
    assert value(M.hash_key(["null", "'a'"])) != value(M.hash_key(["'a'", "null"]))


@pytest.mark.parametrize("end", ["\n", " \n", "\u200b", "\x85"])
def test_the_last_line_break_is_trimmed_too(end: str) -> None:
    r"""`$` matches before a last line break in Java's expressions; `\z` doesn't."""
    assert value(M.trim_blanks(f"'a b{end}'")) == "a b"
    assert "$" not in M.trim_blanks("a")


@pytest.mark.parametrize(
    ("text", "code"), [("'USD'", "usd"), ("'uSd'", "usd"), ("'İΣ'", "İΣ"), ("null", None)]
)
def test_only_a_to_z_become_lower_case(text: str, code: str | None) -> None:
    """Engines differ in the lower case of İ and of a Σ at the end."""
    assert value(M.lower_ascii(text)) == code


def rows(sql: str) -> list[Any]:
    with duckdb.connect() as connection:
        connection.execute("create table given (id int, list varchar[], n int)")
        connection.execute("insert into given values (1, ['b', null], 2), (2, [], 1), (3, null, 3)")
        return connection.execute(sql).fetchall()


def test_unnested_gives_each_item_its_place_from_one() -> None:
    query = M.unnested("given", ["id"], "list", "item", place="place")
    assert rows(query) == [(1, "b", 1), (1, None, 2)]
    assert rows(M.unnested("given", ["id"], "list", "item", condition="id > 1")) == []


def test_lists_pass_nulls_over() -> None:
    assert value(M.joined_lists(["['a']", "null", "['b']"])) == ["a", "b"]
    structs = "[{'parts': ['a']}, {'parts': null}, {'parts': ['b']}]"
    assert value(M.joined_field(structs, "parts")) == ["a", "b"]
    query = f"select {M.distinct_list_of_lists('list', 'true')} from given"
    assert rows(query) == [(["b"],)]
    assert rows(f"select {M.distinct_list('n')} from given") == [([1, 2, 3],)]


def test_lists_count_from_one() -> None:
    assert value(M.element("['a', 'b']", 1)) == "a"
    assert value(M.element("cast([] as varchar[])", 1)) is None
    assert value(M.list_length("['a', null]")) == 2
    assert value(M.list_total("[1, 2]")) == 3


def test_the_last_value_passes_a_null_over_and_a_struct_does_not() -> None:
    table = "(values (1, 5), (2, null)) as given (n, v)"
    assert rows(f"select {M.last_value_by('v', ['n'])} from {table}") == [(5,)]
    struct = M.last_value_by(M.struct_of({"v": "v"}), ["n"])
    assert rows(f"select {struct} from {table}") == [({"v": None},)]
    assert rows(f"select {M.first_value_by('v', ['n'], 'n > 1')} from {table}") == [(None,)]


def test_the_newest_rate_on_or_before_a_day() -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "create table int_exchange_rates as from (values ('eur', date '2026-01-01', 1),"
            " ('eur', date '2026-01-03', 3)) as r (currency, day, rate)"
        )
        connection.execute(
            "create table needed as from (values ('eur', date '2026-01-02'),"
            " ('eur', date '2026-01-03'), ('eur', date '2025-12-31'), ('usd', date '2026-01-03'))"
            " as n (currency, day)"
        )
        found = {
            engine: connection.execute(
                f"select * from ({macros.with_newest_rate('needed', 'day')}) order by 1, 2"
            ).fetchall()
            for engine, macros in (("duckdb", M), ("spark", SPARK))
        }
    assert [row[3] for row in found["duckdb"]] == [None, 1, 3, None]
    # The range join is plain SQL, so that the engine at hand can run it, too.
    assert found["spark"] == found["duckdb"]


FOR_SPARK = {
    "whole_quotient": (("a", "b"), "(cast(a"),
    "struct_of": (({"x": "1"},), "named_struct"),
    "last_value_by": (("v", ["n", "id"]), "max_by"),
    "first_value_by": (("v", ["n"]), "min_by"),
    "list_in_order": (("v", "n"), "sort_array"),
    "distinct_list": (("v",), "collect_set"),
    "distinct_list_of_lists": (("v", "true"), "flatten"),
    "list_of": ((["1", "2"],), "array"),
    "no_texts": ((), "array<string>"),
    "list_length": (("l",), "array_size"),
    "element": (("l", 1), "try_element_at"),
    "is_in_list": (("v", "l"), "array_contains"),
    "each": (("l", "item", "item + 1"), "->"),
    "list_total": (("l",), "aggregate"),
    "joined_lists": ((["a", "b"],), "coalesce"),
    "joined_field": (("l", "f"), "filter"),
    "date_difference": (("a", "b"), "datediff(b, a)"),
    "is_whole": (("f",), "startswith"),
    "json_field": (("f", "id"), "get_json_object"),
}


@pytest.mark.parametrize("name", FOR_SPARK)
def test_what_spark_gets_is_sql_of_spark(name: str) -> None:
    arguments, holds = FOR_SPARK[name]
    sql = getattr(SPARK, name)(*arguments)
    assert holds in sql
    sqlglot.parse_one(f"select {sql}", dialect="spark")


def test_spark_unnests_in_a_lateral_view() -> None:
    query = SPARK.unnested("given", ["id"], "list", "item", place="place", condition="id > 1")
    sqlglot.parse_one(query, dialect="spark")
    assert "posexplode" in query
