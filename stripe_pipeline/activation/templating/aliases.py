"""Further names of the same values, as templates of DailyStory have them: user, system, account."""

from collections.abc import Mapping
from typing import Any

# `user.` and the column of a profile that it stands for.
USER: Mapping[str, str] = {
    "fullname": "full_name",
    "firstname": "first_name",
    "lastname": "last_name",
    "email": "email",
    "country": "country",
    "region": "region",
    "city": "city",
    "address": "address_line1",
    "postalcode": "postal_code",
    "phone": "phone",
    "mobile": "phone",
}
# Standard fields of DailyStory that Stripe has no counterpart of.
NOT_IN_STRIPE = (
    "title", "website", "gender", "age", "lastModified", "lastContacted", "company", "industry",
)  # fmt: skip
SYSTEM = ("today",)
# What account.yml in the campaign folder may say, each null where it doesn't.
ACCOUNT = (
    "name", "address", "url_website", "url_unsubscribe", "url_facebook", "url_instagram",
    "url_linkedin", "url_twitter", "url_youtube", "url_appstore_google", "url_appstore_ios",
)  # fmt: skip
ROOTS = ("user", "system", "account")


def aliased(profile: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a template sees: the profile, `more`, and the aliases of both."""
    account = {**dict.fromkeys(ACCOUNT), **more.get("account", {})}
    user = {name: profile[column] for name, column in USER.items() if column in profile}
    system = {"today": more.get("today")}
    return {"profile": profile, **more, "user": user, "system": system, "account": account}


def names_of(root: str) -> tuple[str, ...]:
    """Return the names below a root."""
    return {"user": tuple(USER), "system": SYSTEM, "account": ACCOUNT}[root]
