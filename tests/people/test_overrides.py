"""The file that corrects who is the same person: what is taken, and what is refused how."""

from pathlib import Path

import pytest

from stripe_pipeline.errors import UsageError
from stripe_pipeline.person_overrides import check_overrides
from stripe_pipeline.settings import load_settings

HEADER = "action,customer,other\n"


def check(path: Path) -> None:
    check_overrides(load_settings(STRIPE_PIPELINE_PERSON_OVERRIDES=path))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "overrides.csv"


def test_no_file_is_no_error() -> None:
    check_overrides(load_settings(STRIPE_PIPELINE_PERSON_OVERRIDES=None))


@pytest.mark.parametrize(
    "content",
    [
        HEADER,
        HEADER + "join,cus_a,cus_b\napart,cus_c,\n",
        "\ufeff" + HEADER.replace("\n", "\r\n") + '\r\njoin, cus_a ,"cus_b"\r\n',
        HEADER + "join,nobody_knows,this_one",
    ],
)
def test_what_is_taken(file: Path, content: str) -> None:
    file.write_text(content, encoding="utf-8", newline="")
    check(file)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "The first line"),
        ("customer,other\n", "action,customer,other"),
        (HEADER + "join,cus_a,cus_b\nmerge,cus_a,cus_b\n", "Line 3 of"),
        (HEADER + "merge,cus_a,cus_b\n", "the action merge"),
        (HEADER + ",cus_a,cus_b\n", "the action (none)"),
        (HEADER + "join,cus_a,\n", "joins cus_a with nobody"),
        (HEADER + "join,,cus_b\n", "names no customer"),
        (HEADER + "apart,cus_a,cus_b\n", "apart from everybody"),
        (HEADER + "apart,cus_a\n", "has 2 values and not 3"),
        (HEADER + "join,cus_a,cus_b,cus_c\n", "has 4 values and not 3"),
        (HEADER + 'join,"cus_a,cus_b\n', "no CSV"),
    ],
)
def test_what_is_refused_with_its_line(file: Path, content: str, told: str) -> None:
    file.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        check(file)
    sentence = str(refused.value)
    assert told in sentence
    assert str(file) in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_a_file_in_another_encoding_is_refused(file: Path) -> None:
    file.write_bytes((HEADER + "join,cus_é,cus_b\n").encode("utf-16"))
    with pytest.raises(UsageError, match="UTF-8"):
        check(file)


def test_a_file_that_is_not_there_is_refused_with_the_setting(file: Path) -> None:
    with pytest.raises(UsageError, match="STRIPE_PIPELINE_PERSON_OVERRIDES"):
        check(file)
