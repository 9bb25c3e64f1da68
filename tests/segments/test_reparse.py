"""A segment file that is new, changed or gone is in dbt's manifest without a command for it."""

import json
from pathlib import Path
from typing import Any

import pytest

from stripe_pipeline.errors import UsageError
from stripe_pipeline.settings import load_settings
from stripe_pipeline.warehouse.manifest import prepare_manifest

BUYERS = "meaning: {meaning}\nwho:\n  - stripe_total_orders: {sentence}\n"


@pytest.mark.slow
def test_the_manifest_follows_the_segment_files(tmp_path: Path) -> None:
    folder = tmp_path / "segments"
    folder.mkdir()
    file = folder / "buyers.yml"
    settings = load_settings(
        _env_file=None, STRIPE_PIPELINE_HOME=tmp_path / "home", STRIPE_PIPELINE_SEGMENTS=folder
    )

    def segments() -> dict[str, Any]:
        nodes = json.loads(prepare_manifest(settings).read_bytes())["nodes"].values()
        found = {node["name"]: node for node in nodes if node["resource_type"] == "model"}
        return {name: node for name, node in found.items() if node.get("config", {}).get("meta", {})
                .get("file")}  # fmt: skip

    file.write_text(BUYERS.format(meaning="Buyers.", sentence="some"))
    assert [node["description"] for node in segments().values()] == ["Buyers."]
    file.write_text(BUYERS.format(meaning="Regulars.", sentence="at least 3"))
    [changed] = segments().values()
    assert changed["description"] == "Regulars." and "bound_1" in changed["raw_code"]
    file.rename(folder / "regulars.yml")
    assert list(segments()) == ["segment_regulars"]
    (folder / "regulars.yml").write_text(BUYERS.format(meaning="Regulars.", sentence="atleast 3"))
    with pytest.raises(UsageError, match=r"regulars\.yml, line 3: .*mean `at least NUMBER`"):
        prepare_manifest(settings)
