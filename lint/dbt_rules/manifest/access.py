"""Who answers for a model, and who may read it."""

from typing import Any

from dbt_bouncer.check_framework.decorator import check, fail


@check
def check_model_has_group(model: Any) -> None:
    """A model has a group, whose owner answers for it."""
    if not model.group:
        fail(f"`{model.name}` has no group; its folder gets one in dbt_project.yml.")


@check
def check_intermediate_is_not_public(model: Any) -> None:
    """An intermediate is private to its group, or protected: what people rely on is a mart."""
    if model.access and model.access.value == "public":
        fail(f"`{model.name}` is public; what is read outside of dbt is a mart on top of it.")
