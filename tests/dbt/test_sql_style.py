"""The lint of the models' style names each broken rule, and what it can't read."""

from pathlib import Path

import pytest

from lint.sql_style import findings
from stripe_pipeline.process.environment import PROJECT_ROOT

GOOD = "select shop.name\nfrom shops as shop\n"


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model in a folder with the project's rules, whose SQL is read as it stands."""
    rules = (PROJECT_ROOT / ".sqruff").read_text()
    assert "templater = dbt" in rules
    (tmp_path / ".sqruff").write_text(rules.replace("templater = dbt", "templater = raw"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "model.sql"


def rules_broken(model: Path, sql: str) -> list[tuple[int, str]]:
    model.write_text(sql)
    return [(found.line, found.rule) for found in findings([model.name])]


def test_a_good_model_has_none(model: Path) -> None:
    assert rules_broken(model, GOOD) == []


@pytest.mark.parametrize(
    ("sql", "line", "rule"),
    [
        ("select shop.name\nfrom shops shop\n", 2, "AL01"),
        ("select\n  shop.name,\n    shop.street\nfrom shops as shop\n", 2, "LT02"),
        ("SELECT shop.name\nfrom shops as shop\n", 1, "CP01"),
        ("select shop.name\nfrom shops as shop\nwhere shop.street = null\n", 3, "CV05"),
        ("select shop.name\nfrom shops as shop\ngroup by where\n", 3, "PRS"),
        (f"\n\n{GOOD}", 1, "LT13"),
    ],
)
def test_a_broken_rule_is_named_with_its_line(model: Path, sql: str, line: int, rule: str) -> None:
    assert (line, rule) in rules_broken(model, sql)


def test_what_sqruff_cannot_read_is_left_where_the_line_says_so(model: Path) -> None:
    unread = "select shop.name\nfrom shops as shop\ngroup by where{}\n"
    assert [rule for _, rule in rules_broken(model, unread.format(""))] == ["PRS"]
    assert rules_broken(model, unread.format("  -- noqa: PRS")) == []


def test_no_model_is_an_error(model: Path) -> None:
    with pytest.raises(RuntimeError, match="nowhere"):
        findings([str(model.with_name("nowhere"))])
