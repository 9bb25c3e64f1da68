"""What `stripe-pipeline docs` adds to dbt's own page."""

import json
from pathlib import Path

from stripe_pipeline.servers.docs import STATIC_DOCS, describe_metadata
from stripe_pipeline.settings import load_settings


def test_fields_that_a_setting_adds_are_described(tmp_path: Path) -> None:
    profiles = {"columns": {"email": {"name": "email"}}}
    manifest = json.dumps({"nodes": {"model.stripe_pipeline.customer_profiles": profiles}})
    (tmp_path / "manifest.json").write_text(manifest)
    (tmp_path / STATIC_DOCS).write_text(f"<script>{manifest}</script>")
    settings = load_settings(STRIPE_PIPELINE_CUSTOMER_METADATA="Shoe size")
    page = describe_metadata(settings, tmp_path)
    shown = json.loads(page.removeprefix("<script>").removesuffix("</script>"))
    columns = shown["nodes"]["model.stripe_pipeline.customer_profiles"]["columns"]
    assert list(columns) == ["email", "stripe_metadata_shoe_size"]
    assert "under the key `Shoe size`" in columns["stripe_metadata_shoe_size"]["description"]
    assert columns["stripe_metadata_shoe_size"]["data_type"] == "varchar"
