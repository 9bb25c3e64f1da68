"""The lint that keeps SQL of one engine out of dbt's models (`make check` runs it)."""

from pathlib import Path

import pytest

from lint.constructs import PYTHONS
from lint.portable_sql import findings, main
from stripe_pipeline.process.environment import PROJECT_ROOT

MODELS = PROJECT_ROOT / "dbt_project" / "models"
PLANTED = {
    "`* exclude`": "select orders.* exclude (currency) from orders",
    "`union all by name`": "select 1 as a union all by name select 2 as a",
    "`group by all`": "select a, count(*) from t group by all",
    "`//`": "select a // 2 from t",
    "`hugeint`": "select cast(a as hugeint) from t",
    "`::`": "select a::bigint from t",
    "`at time zone`": "select a at time zone 'UTC' from t",
    "`timestamptz`": "select cast(a as timestamptz) from t",
    "`asof join`": "select 1 from a asof left join b on a.x >= b.x",
    "`recursive`": "with recursive t as (select 1) select 1 from t",
    "`using key`": "with t (a) using key (a) as (select 1) select 1 from t",
    "`lambda`": "select f from t where lambda",
    "JSON arrow": "select body ->> '$.id' from t",
    "place in a list": "select list[1] from t",
    "list literal": "select coalesce(a, []) from t",
    "struct literal": "select {'a': 1} as a from t",
    "`in` a list": "select 1 from t where a in t.list",
    "place of a row in its file": "select file_row_number from t",
    "`merge_clauses`": "{{ config(x='DBT_INTERNAL_SOURCE.is_stub') }} select 1",
    "`arg_max()`": "select arg_max(a, b) from t",
    "`date_diff()`": "select date_diff('day', a, b) from t",
    "`concat()`": "select concat(a, b) from t",
    "`sign()`": "select sign(a) from t",
    "`lower()`": "select lower(a) from t",
    "`timezone()`": "select timezone('UTC', a) from t",
    "`unnest()`": "select unnest(a) from t",
    "`list_reduce()`": "select list_reduce(a, b) from t",
    "`list()`": "select list(a order by b) from t",
    "`list_concat()`": "select list_concat(a, b) from t",
    "`flatten()`": "select flatten(a) from t",
    "`len()`": "select len(a) from t",
    "`range()`": "select range(3) from t",
    "`from_json()`": "select from_json(a, b) from t",
    "`json_transform()`": "select json_transform(a, b) from t",
    "`json_object()`": "select json_object('a', 1) from t",
    "`regexp_matches()`": "select regexp_matches(a, 'x$') from t",
    "`read_parquet()`": "select 1 from read_parquet('x')",
    "`parse_filename()`": "select parse_filename(a) from t",
    "`starts_with()`": "select starts_with(a, 'b') from t",
    "`div()`": "select div(a, b) from t",
    "`normalize_phone()`": "select normalize_phone(a, b) from t",
    "`normalize_email()`": "select normalize_email(a) from t",
    "`mailbox_of()`": "select mailbox_of(a) from t",
    "`is_valid_email()`": "select is_valid_email(a) from t",
    "`country_code()`": "select country_code(a) from t",
    "`language_tag()`": "select language_tag(a) from t",
    "`first_name()`": "select first_name(a, b, c) from t",
    "`last_name()`": "select last_name(a, b, c) from t",
}


@pytest.mark.parametrize("construct", PLANTED)
def test_a_planted_construct_is_found_in_its_line_with_a_remedy(construct: str) -> None:
    found = findings(f"-- A comment.\nselect 1 as a\nfrom b;\n{PLANTED[construct]}\n")
    assert construct in {each.construct for each in found}
    assert {each.line for each in found} == {4}
    assert all(each.remedy for each in found)


@pytest.mark.parametrize(
    "model",
    [
        "select 'group by all // sign(x)' as a from t",
        "-- unnest(a), and at time zone\nselect 1",
        "{# list_concat(a, b) #}\nselect 1",
        "{% for a in [1, 2] %}select {{ from_unix('a.b') }} {% endfor %}",
        "{{ parsed_versions('t', 'o', {'a': ['BIGINT'], 'b': {'c': 'MAP(VARCHAR, VARCHAR)'}}) }}",
        "with t (a, b) as (select 1, 2) select sum(a) filter (where b > 0) from t",
        "select cast(a as decimal(18, 3)), case when a in ('b') then 1 end from t",
        "select row_number() over (partition by a order by b) from t",
    ],
)
def test_portable_sql_is_let_through(model: str) -> None:
    assert findings(model) == []


@pytest.mark.parametrize("name", PYTHONS)
def test_a_function_of_pythons_is_joined_instead(name: str) -> None:
    (found,) = findings(f"select {name}(a) from t")
    assert "stg_contacts" in found.remedy


def test_an_argument_of_a_macro_is_sql_too() -> None:
    (found,) = findings("select\n    {{ sum_facts('a // 2') }} as b\nfrom t")
    assert (found.line, found.construct) == (2, "`//`")


def test_the_command_names_file_line_construct_and_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.sql").write_text("select 1\nfrom t\ngroup by all\n")
    assert main([str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert said == f"{tmp_path}/bad.sql:3: `group by all`: name the columns\n"


def test_the_models_are_portable() -> None:
    found = {
        f"{path.relative_to(MODELS)}:{each.line}: {each.construct}"
        for path in MODELS.rglob("*.sql")
        for each in findings(path.read_text())
    }
    assert found == set()
