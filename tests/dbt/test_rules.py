"""The rules that `make check` holds the models to refuse a model that breaks them."""

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stripe_pipeline.process.environment import PROJECT_ROOT

CONFIG = PROJECT_ROOT / "dbt_project" / "dbt-bouncer.yml"
RULES = PROJECT_ROOT / "lint" / "dbt_rules"

Manifest = dict[str, Any]


def said_of(manifest: Manifest, folder: Path) -> tuple[int, str]:
    """Run dbt-bouncer on a manifest under the project's rules; return its exit code and output."""
    (folder / "target").mkdir()
    (folder / "target" / "manifest.json").write_text(json.dumps(manifest))
    rules = CONFIG.read_text().replace("../var/check/dbt/target", "target")
    (folder / "dbt-bouncer.yml").write_text(rules.replace("../lint/dbt_rules", str(RULES)))
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("dbt-bouncer")), "run",
            "--config-file", str(folder / "dbt-bouncer.yml"), "--output-file",
            str(folder / "found.json"), "--output-format", "json",
        ],
        capture_output=True, text=True, check=False, cwd=folder,
    )  # fmt: skip
    return done.returncode, (folder / "found.json").read_text()


def model(manifest: Manifest, name: str) -> dict[str, Any]:
    return manifest["nodes"][f"model.stripe_pipeline.{name}"]  # type: ignore[no-any-return]


def reads_a_mart(manifest: Manifest) -> None:
    model(manifest, "int_customer_orders")["depends_on"]["nodes"].append(
        "model.stripe_pipeline.orders"
    )


def has_no_key(manifest: Manifest) -> None:
    key = "model.stripe_pipeline.int_orders"
    manifest["nodes"] = {
        name: node for name, node in manifest["nodes"].items() if node.get("attached_node") != key
    }


def joins_eleven(manifest: Manifest) -> None:
    names = [key for key in manifest["nodes"] if key.startswith("model.stripe_pipeline.int_cust")]
    more = [key for key in manifest["nodes"] if key.startswith("model.stripe_pipeline.int_pers")]
    model(manifest, "customer_profiles")["depends_on"]["nodes"] = (names + more)[:11]


def has_no_group(manifest: Manifest) -> None:
    model(manifest, "orders")["group"] = None
    model(manifest, "orders")["config"]["group"] = None


def is_a_public_intermediate(manifest: Manifest) -> None:
    model(manifest, "int_sales_facts")["access"] = "public"


def is_read_from_outside(manifest: Manifest) -> None:
    exposure = manifest["exposures"]["exposure.stripe_pipeline.email_export"]
    exposure["depends_on"]["nodes"].append("model.stripe_pipeline.int_orders")


def has_no_description(manifest: Manifest) -> None:
    model(manifest, "int_discounts")["description"] = ""


def is_misnamed(manifest: Manifest) -> None:
    model(manifest, "int_charge_shares")["name"] = "all_shares"


# Each rule, with what breaks it, and the model or exposure that is to be named.
PLANTED: dict[str, tuple[Callable[[Manifest], None], str]] = {
    "check_lineage_permitted_upstream_models": (reads_a_mart, "int_customer_orders"),
    "check_model_has_unique_test": (has_no_key, "int_orders"),
    "check_model_max_upstream_dependencies": (joins_eleven, "customer_profiles"),
    "check_model_has_group": (has_no_group, "orders"),
    "check_intermediate_is_not_public": (is_a_public_intermediate, "int_sales_facts"),
    "check_exposure_based_on_non_public_models": (is_read_from_outside, "email_export"),
    "check_model_description_populated": (has_no_description, "int_discounts"),
    "check_model_names": (is_misnamed, "int_charge_shares"),
}


def test_the_models_keep_every_rule(manifest: Manifest, tmp_path: Path) -> None:
    code, found = said_of(manifest, tmp_path)
    assert (code, failed(found)) == (0, set())


def test_a_model_that_breaks_a_rule_is_refused(manifest: Manifest, tmp_path: Path) -> None:
    broken = copy.deepcopy(manifest)
    for plant, _ in PLANTED.values():
        plant(broken)
    code, found = said_of(broken, tmp_path)
    assert code == 1
    assert failed(found) >= {(rule, name) for rule, (_, name) in PLANTED.items()}


def failed(found: str) -> set[tuple[str, str]]:
    """The rules that failed, each with the name of what broke it."""
    each = [result["check_run_id"].split(":") for result in json.loads(found)
            if result["outcome"] == "failed"]  # fmt: skip
    return {(parts[0], parts[-1]) for parts in each}
