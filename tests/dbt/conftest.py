"""dbt's manifest under default settings, parsed once for the tests of a worker."""

import json
import os
from typing import Any

import pytest

from stripe_pipeline.settings import ENV_FILE_SETTING, load_settings
from stripe_pipeline.warehouse.manifest import prepare_manifest


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ENV_FILE_SETTING, os.devnull)
        settings = load_settings(STRIPE_PIPELINE_HOME=tmp_path_factory.mktemp("home"))
        parsed: dict[str, Any] = json.loads(prepare_manifest(settings).read_text())
        return parsed
