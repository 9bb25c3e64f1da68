"""dbt's manifest under default settings, parsed once for the tests of a worker."""

import json
from typing import Any

import pytest

from stripe_pipeline.settings import Settings, load_settings
from stripe_pipeline.warehouse.transform import prepare_manifest


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Settings.model_config, "env_file", None)
        settings = load_settings(STRIPE_PIPELINE_HOME=tmp_path_factory.mktemp("home"))
        return json.loads(prepare_manifest(settings).read_text())
