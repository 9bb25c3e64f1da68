"""Every setting of the product, read from the environment or a `.env` file."""

import re
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from stripe_pipeline.errors import UsageError

PROJECT_ROOT = Path(__file__).resolve().parent.parent
STRIPE_API = "https://api.stripe.com"

OrderSource = Literal["invoice", "payment"]


def _comma_separated(value: Any) -> Any:
    """Turn "a, b" into ["a", "b"], so that a list can stand in an environment variable."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


CommaSeparated = BeforeValidator(_comma_separated)

# Beyond these years a run's dates can't be told from here, nor be reckoned with.
_YEARS = range(1971, 9001)


def read_instant(text: str) -> datetime:
    """Read an instant in ISO 8601, which is of UTC unless it says otherwise.

    Raises:
        ValueError: it is none; the message says so in words that can follow a colon.
    """
    try:
        instant = datetime.fromisoformat(text.strip())
        is_usable = instant.year in _YEARS
    except ValueError:
        is_usable = False
    if not is_usable:
        raise ValueError(
            f"{text or 'nothing'} is no instant such as 2026-01-31 or 2026-01-31T09:30:00Z"
        )
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


_METADATA_COLUMN = "stripe_metadata_"


def _metadata_column(key: str) -> str:
    """The column of a metadata key; the macro metadata_columns names them alike."""
    return _METADATA_COLUMN + re.sub("[^a-z0-9]+", "_", key.lower()).strip("_")


class Settings(BaseSettings):
    """The settings; `.env.example` lists each with its meaning."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore"
    )

    stripe_api_key: SecretStr | None = None
    stripe_api_base: str = STRIPE_API
    allow_api_base: str = Field("", validation_alias="STRIPE_PIPELINE_ALLOW_API_BASE")
    stripe_webhook_secret: SecretStr | None = None
    home: Path = Field(PROJECT_ROOT / "var", validation_alias="STRIPE_PIPELINE_HOME")
    as_of: datetime | None = Field(None, validation_alias="STRIPE_PIPELINE_AS_OF")
    reporting_currency: str = Field(
        "usd",
        pattern="^[a-z]{3}$",
        validation_alias="STRIPE_PIPELINE_REPORTING_CURRENCY",
        description="the three letters of a currency, such as usd",
    )
    reporting_timezone: str = Field("UTC", validation_alias="STRIPE_PIPELINE_REPORTING_TIMEZONE")
    exchange_rates: Path | None = Field(None, validation_alias="STRIPE_PIPELINE_EXCHANGE_RATES")
    rate_limit: float | None = Field(
        None,
        gt=0,
        allow_inf_nan=False,
        validation_alias="STRIPE_PIPELINE_RATE_LIMIT",
        description="a number of requests a second above 0",
    )
    poll_minutes: int | None = Field(
        None,
        ge=5,
        le=1440,
        validation_alias="STRIPE_PIPELINE_POLL_MINUTES",
        description="a whole number of minutes from 5 to 1440",
    )
    order_sources: Annotated[list[OrderSource], NoDecode, CommaSeparated] = Field(
        list(get_args(OrderSource)),
        min_length=1,
        validation_alias="STRIPE_PIPELINE_ORDER_SOURCES",
        description="invoice, payment, or both with a comma between",
    )
    customer_metadata: Annotated[list[str], NoDecode, CommaSeparated] = Field(
        [], validation_alias="STRIPE_PIPELINE_CUSTOMER_METADATA"
    )
    person_metadata_key: str = Field("", validation_alias="STRIPE_PIPELINE_PERSON_METADATA_KEY")
    person_overrides: Path | None = Field(None, validation_alias="STRIPE_PIPELINE_PERSON_OVERRIDES")
    campaigns: Path = Field(
        PROJECT_ROOT / "campaigns", validation_alias="STRIPE_PIPELINE_CAMPAIGNS"
    )
    live_sends_switch: str = Field("off", validation_alias="STRIPE_PIPELINE_LIVE_SENDS")

    @field_validator("reporting_currency", mode="before")
    @classmethod
    def _lower(cls, value: Any) -> Any:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("reporting_timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"{value} is not a time zone such as UTC or Europe/Berlin")
        return value

    @field_validator("customer_metadata")
    @classmethod
    def _distinct_columns(cls, keys: list[str]) -> list[str]:
        by_column: dict[str, str] = {}
        for key in keys:
            column = _metadata_column(key)
            if column == _METADATA_COLUMN:
                raise ValueError(f"the key {key} has no letter or digit to name a column by")
            if column in by_column:
                raise ValueError(f"the keys {by_column[column]} and {key} both name {column}")
            by_column[column] = key
        return keys

    @field_validator("as_of", mode="before")
    @classmethod
    def _in_utc(cls, value: Any) -> Any:
        if value is None:
            return None
        return read_instant(value.isoformat() if isinstance(value, datetime) else str(value))

    @field_validator("home", "exchange_rates", "person_overrides", "campaigns")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return value.expanduser().absolute() if value else value

    @property
    def metadata_columns(self) -> dict[str, str]:
        """The columns of customer_profiles that hold customers' metadata, each with its key."""
        return {_metadata_column(key): key for key in self.customer_metadata}

    @property
    def live_sends(self) -> bool:
        """Whether channels really send; anything but `on` keeps each of them a dry run."""
        return self.live_sends_switch == "on"

    @cached_property
    def zone(self) -> ZoneInfo:
        """The reporting time zone."""
        return ZoneInfo(self.reporting_timezone)

    @property
    def webhook_secrets(self) -> list[str]:
        """The signing secrets of the webhook endpoint: one, or two while it is rolled."""
        secret = self.stripe_webhook_secret
        return list(_comma_separated(secret.get_secret_value())) if secret else []

    @property
    def webhooks(self) -> Path:
        """Folder of what Stripe delivered and no sync has taken into the lake yet."""
        return self.home / "webhooks"

    @property
    def lake(self) -> Path:
        """Folder of the Parquet batches."""
        return self.home / "lake"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file."""
        return self.home / "warehouse.duckdb"

    @property
    def exports(self) -> Path:
        """Folder of the export files, one folder a campaign and run."""
        return self.home / "exports"

    @property
    def published(self) -> Path:
        """Folder of the marts as Parquet, for readers while a run writes."""
        return self.home / "published"

    @property
    def dagster_home(self) -> Path:
        """Folder of Dagster's run history."""
        return self.home / "dagster"


def load_settings(**overrides: Any) -> Settings:
    """Read the settings.

    Raises:
        UsageError: a setting has a value that can't be used; its name and the reason are given.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = str(first["loc"][0]).upper()
        raise UsageError(
            f"The setting {name} can't be used: {_reason(name, first['msg'])}. Correct it in the "
            "environment or in .env; .env.example lists what each setting takes."
        ) from None
    except UnicodeDecodeError:
        raise UsageError("The file .env isn't UTF-8; save it as UTF-8.") from None


def _reason(name: str, said: str) -> str:
    """What is wrong, in words of our own: what pydantic says of a value is for programmers."""
    takes = {field.validation_alias: field.description for field in Settings.model_fields.values()}
    own = said.removeprefix("Value error, ")
    return own if own != said or not takes.get(name) else f"it takes {takes[name]}"
