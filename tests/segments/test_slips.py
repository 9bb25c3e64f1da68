"""What is wrong in segment files is told with the line, the near miss, and all of it at once."""

from pathlib import Path

import pytest

from stripe_pipeline.errors import UsageError
from stripe_pipeline.segments.files import load_segments

GOOD = "meaning: Buyers.\nwho:\n  - stripe_total_orders: some\n"


def _written(folder: Path, text: str, name: str = "tried.yml") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    return folder


def _told(folder: Path) -> str:
    with pytest.raises(UsageError) as caught:
        load_segments(folder)
    return str(caught.value)


@pytest.mark.parametrize(
    ("condition", "line", "message"),
    [
        (
            "stripe_totl_orders: some",
            3,
            "no field stripe_totl_orders (did you mean stripe_total_ord",
        ),
        ("stripe_total_orders: mor than 3", 3, "did you mean `more than NUMBER`?"),
        ("stripe_total_orders: at least 2.5", 3, "stripe_total_orders is a whole number, and 2.5"),
        ("stripe_total_orders: at least many", 3, "there is no field many"),
        ("stripe_total_orders: more than country", 3, "country is a field, and can't be compared"),
        ("stripe_total_sales: in the top 0 %", 3, "0 % isn't above 0 and at most 100"),
        ("created_at: more than 6 monhs ago", 3, "there is no unit monh (did you mean months?)"),
        (
            "created_at: within the last 30 days ago",
            3,
            "did you mean `within the last COUNT UNIT`?",
        ),
        ("created_at: before 2026-02-30", 3, "2026-02-30 is no day of the calendar"),
        ("created_at: 2026", 3, "which is an instant; write `is known`"),
        ("country: DE", 3, "which is a text; write"),
        ("country: [DE, AT]", 3, "say about country a sentence"),
        ("stripe_coupons_used: has SUMMER", 3, "which is a list of texts"),
        ("stripe_delinquent: maybe", 3, "which is yes or no"),
        ("in: vipp", 3, "there is no segment vipp"),
        ("not in: tried", 3, "a segment can't be in itself"),
        ("has ordr: []", 3, "no facts called ordr (did you mean order?)"),
        ("has order: [{ordered: some}]", 3, "there is no field ordered (did you mean ordered_at?)"),
        ("has order: [{net: top 5 %}]", 3, "top is for fields of a profile"),
        ("just words", 3, "a condition is a field and a sentence"),
    ],
)
def test_a_wrong_condition_is_named(
    tmp_path: Path, condition: str, line: int, message: str
) -> None:
    told = _told(_written(tmp_path, f"meaning: A try.\nwho:\n  - {condition}\n"))
    assert f"tried.yml, line {line}: " in told
    assert message in told


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: the file is empty"),
        ("- a\n- b\n", "line 1: a segment is a list of keys"),
        ("meaning: [\n", "this isn't YAML"),
        ("meaning: &a [*a]\n", "line 1: a part of the file is within itself"),
        (GOOD + "meaning: Again.\n", "line 4: meaning stands here twice"),
        (GOOD + "ownr: marketing\n", "line 4: a segment has no key ownr (did you mean owner?)"),
        (GOOD + "enabled: maybe\n", "line 4: enabled is true or false"),
        (GOOD + "sql: select 1\nfields: []\n", "both who and sql; keep one of them"),
        ("meaning: Someone.\n", "neither who nor sql; add one of them"),
        ("who:\n  - stripe_total_orders: some\n", "the segment has no meaning"),
        ("meaning: ''\nwho:\n  - country: is DE\n", "line 1: meaning is a sentence; write it"),
        ("meaning: A.\nwho: []\n", "line 2: who says conditions"),
        ("meaning: A.\nsql: select 1\n", "line 2: sql needs the line `fields: [...]`"),
        (
            "meaning: A.\nsql: select 1\nfields: [emil]\n",
            "line 3: a profile has no field emil (did",
        ),
        (GOOD + "fields: [email]\n", "line 4: fields are named for sql alone"),
        (
            GOOD + "examples:\n  in:\n    - {stripe_totl_orders: 1}\n",
            "line 6: a profile has no field",
        ),
        (GOOD + "examples:\n  inn: []\n", "line 5: examples have no inn (did you mean in?)"),
        (GOOD + "examples:\n  as of: soon\n", "line 5: as of is a day, a time and a zone"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    told = _told(_written(tmp_path, text))
    assert message in told and "tried.yml" in told


def test_all_slips_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    _written(tmp_path, "meaning: A.\nwho:\n  - contry: is DE\n  - emial: is known\n", "one.yml")
    told = _told(_written(tmp_path, "menaing: A.\nwho:\n  - country: in DE\n", "two.yml"))
    assert told.startswith("4 things in segment files are to be corrected:")
    assert told.count("one.yml, line 3") == told.count("one.yml, line 4") == 1
    assert told.count("two.yml, line 1") == told.count("two.yml, line 3") == 1


def test_a_circle_is_named(tmp_path: Path) -> None:
    for name, other in (("a", "b"), ("b", "c"), ("c", "a")):
        _written(tmp_path, f"meaning: A.\nwho:\n  - in: {other}\n", f"{name}.yml")
    assert "is made of" in _told(tmp_path) and "none can be computed first" in _told(tmp_path)


@pytest.mark.parametrize("name", ["Big.yml", "members.yml", "two words.yml", "a" * 51 + ".yml"])
def test_a_name_that_no_table_can_have_is_refused(tmp_path: Path, name: str) -> None:
    assert "name" in _told(_written(tmp_path, GOOD, name))


def test_a_file_with_another_ending_is_not_passed_over(tmp_path: Path) -> None:
    assert "rename it" in _told(_written(tmp_path, GOOD, "vip.yaml"))


def test_metadata_that_a_setting_adds_can_be_named(tmp_path: Path) -> None:
    folder = _written(tmp_path, "meaning: A.\nwho:\n  - stripe_metadata_plan: is gold\n")
    assert "no field stripe_metadata_plan" in _told(folder)
    assert [each.name for each in load_segments(folder, ["stripe_metadata_plan"])] == ["tried"]
