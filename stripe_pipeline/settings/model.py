"""Every setting of the product, with its default, and the paths of a home folder."""

from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from stripe_pipeline.process.environment import PROJECT_ROOT
from stripe_pipeline.settings.base_address import STRIPE_API, SafeBase
from stripe_pipeline.settings.parsing import (
    CommaSeparated,
    comma_separated,
    distinct_columns,
    file_path,
    home_path,
    metadata_column,
    one_of,
    read_instant,
    whole_path,
)
from stripe_pipeline.values.zones import checked_zone, load_zone

# The project's own, whatever the working directory; the environment may name another one.
ENV_FILE = PROJECT_ROOT / ".env"
ENV_FILE_SETTING = "STRIPE_PIPELINE_ENV_FILE"

OrderSource = Literal["invoice", "payment"]
_SOURCES = "invoice, payment, or both with a comma between"


class Settings(BaseModel):
    """The settings; `.env.example` lists each with its meaning.

    It takes values by the settings' names and reads nothing by itself: see `load_settings`.
    """

    model_config = ConfigDict(extra="ignore")

    settings_file: Path = Field(ENV_FILE, validation_alias=ENV_FILE_SETTING)
    stripe_api_key: SecretStr | None = None
    allow_api_base: str = Field("", validation_alias="STRIPE_PIPELINE_ALLOW_API_BASE")
    stripe_api_base: Annotated[str, SafeBase] = STRIPE_API
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
    order_sources: Annotated[list[OrderSource], CommaSeparated] = Field(
        list(get_args(OrderSource)),
        min_length=1,
        validation_alias="STRIPE_PIPELINE_ORDER_SOURCES",
        description=_SOURCES,
    )
    customer_metadata: Annotated[list[str], CommaSeparated] = Field(
        [], validation_alias="STRIPE_PIPELINE_CUSTOMER_METADATA"
    )
    person_metadata_key: str = Field("", validation_alias="STRIPE_PIPELINE_PERSON_METADATA_KEY")
    push_token_key: str = Field("", validation_alias="STRIPE_PIPELINE_PUSH_TOKEN_KEY")
    person_overrides: Path | None = Field(None, validation_alias="STRIPE_PIPELINE_PERSON_OVERRIDES")
    campaigns: Path = Field(
        PROJECT_ROOT / "campaigns", validation_alias="STRIPE_PIPELINE_CAMPAIGNS"
    )
    segments: Path = Field(PROJECT_ROOT / "segments", validation_alias="STRIPE_PIPELINE_SEGMENTS")
    rates_max_age_days: int = Field(
        7,
        ge=1,
        le=3660,
        validation_alias="STRIPE_PIPELINE_RATES_MAX_AGE_DAYS",
        description="a whole number of days from 1 to 3660",
    )
    accept_empty_switch: Literal["on", "off"] = Field(
        "off", validation_alias="STRIPE_PIPELINE_ACCEPT_EMPTY", description="on or off"
    )
    live_sends_switch: Literal["on", "off"] = Field(
        "off", validation_alias="STRIPE_PIPELINE_LIVE_SENDS", description="on or off"
    )

    @field_validator("reporting_currency", mode="before")
    @classmethod
    def _lower(cls, value: Any) -> Any:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("reporting_timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        return checked_zone(value.strip())

    @field_validator("live_sends_switch", "accept_empty_switch", mode="before")
    @classmethod
    def _on_or_off(cls, value: Any) -> Any:
        return one_of(("on", "off"), "on or off", value)

    @field_validator("order_sources", mode="before")
    @classmethod
    def _known_sources(cls, value: Any) -> Any:
        known = get_args(OrderSource)
        return [one_of(known, _SOURCES, each) for each in comma_separated(value)]

    @field_validator("customer_metadata")
    @classmethod
    def _distinct_columns(cls, keys: list[str]) -> list[str]:
        return distinct_columns(keys)

    @model_validator(mode="after")
    def _tokens_are_in_profiles(self) -> Self:
        self.push_token_key = self.push_token_key.strip()
        key = self.push_token_key
        if key and key not in self.customer_metadata:
            self.customer_metadata = distinct_columns([*self.customer_metadata, key])
        return self

    @field_validator("as_of", mode="before")
    @classmethod
    def _in_utc(cls, value: Any) -> Any:
        if value is None:
            return None
        return read_instant(value.isoformat() if isinstance(value, datetime) else str(value))

    @field_validator("home")
    @classmethod
    def _usable_home(cls, value: Path) -> Path:
        return home_path(value)

    @field_validator("exchange_rates", "person_overrides")
    @classmethod
    def _usable_file(cls, value: Path | None) -> Path | None:
        return file_path(value) if value else value

    @field_validator("campaigns", "segments")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return whole_path(value)

    @property
    def metadata_columns(self) -> dict[str, str]:
        """The columns of customer_profiles that hold customers' metadata, each with its key."""
        return {metadata_column(key): key for key in self.customer_metadata}

    @property
    def push_token_column(self) -> str:
        """The column of customer_profiles that holds the tokens of devices; "" for none."""
        return metadata_column(self.push_token_key) if self.push_token_key else ""

    @property
    def live_sends(self) -> bool:
        """Whether channels really send; with anything but `on`, each of them is a dry run."""
        return self.live_sends_switch == "on"

    @property
    def accepts_empty(self) -> bool:
        """Whether a table that had rows may be published empty."""
        return self.accept_empty_switch == "on"

    @cached_property
    def zone(self) -> ZoneInfo:
        """The reporting time zone."""
        return load_zone(self.reporting_timezone)

    @property
    def webhook_secrets(self) -> list[str]:
        """The signing secrets of the webhook endpoint: one, or two while it is rolled."""
        secret = self.stripe_webhook_secret
        return list(comma_separated(secret.get_secret_value())) if secret else []

    @property
    def webhooks(self) -> Path:
        """Folder of the webhook deliveries that no sync has read into the lake yet."""
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
        """Folder of the marts as Parquet, which readers use while a run writes."""
        return self.home / "published"

    @property
    def own_rates(self) -> Path:
        """The file of exchange rates of this home, read where no setting names another."""
        return self.home / "exchange_rates.csv"

    @property
    def rates_file(self) -> Path | None:
        """The file of exchange rates in use; None where the project's seed is."""
        if self.exchange_rates:
            return self.exchange_rates
        return self.own_rates if self.own_rates.exists() else None

    @property
    def dagster_home(self) -> Path:
        """Folder of Dagster's run history."""
        return self.home / "dagster"
