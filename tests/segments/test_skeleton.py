"""`segments new` writes a file that can be used as it is."""

from pathlib import Path

import pytest

from stripe_pipeline.errors import UsageError
from stripe_pipeline.segments.files import load_segments
from stripe_pipeline.segments.skeleton import write_skeleton


def test_a_skeleton_is_a_segment_and_names_every_field(tmp_path: Path) -> None:
    path = write_skeleton(tmp_path / "mine", "regulars", ["stripe_metadata_plan"])
    [segment] = load_segments(path.parent)
    assert segment.name == "regulars"
    text = path.read_text()
    assert "#     stripe_card_expires_on" in text and "#     stripe_metadata_plan" in text
    assert "subscription" in text


@pytest.mark.parametrize("name", ["Big", "", "members", "../up"])
def test_a_name_that_can_t_be_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="can't be a segment's name"):
        write_skeleton(tmp_path, name, [])


def test_no_file_is_written_over(tmp_path: Path) -> None:
    write_skeleton(tmp_path, "regulars", [])
    with pytest.raises(UsageError, match="There is a segment regulars already"):
        write_skeleton(tmp_path, "regulars", [])
