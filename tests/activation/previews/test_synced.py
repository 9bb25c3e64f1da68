"""What a preview says of a home whose lake lacks tables."""

import shutil
from pathlib import Path

import pytest

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.warehouse.scratch import require_synced
from tests.activation.shop import open_shop


def test_a_home_that_was_never_synced(tmp_path: Path) -> None:
    settings = open_shop(tmp_path / "home")
    shutil.rmtree(settings.lake)
    with pytest.raises(PipelineError, match=r"nothing to preview.*`stripe-pipeline sync` first"):
        require_synced(settings)


def test_a_home_of_an_older_version(tmp_path: Path) -> None:
    settings = open_shop(tmp_path / "home")
    require_synced(settings)
    shutil.rmtree(settings.lake / "campaign_versions")
    with pytest.raises(PipelineError, match=r"lacks campaign_versions; run `stripe-pipeline run`"):
        require_synced(settings)
