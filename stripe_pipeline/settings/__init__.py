"""What a user sets: `Settings` holds it, `load_settings` reads it; what a home's clock says."""

from stripe_pipeline.settings.model import ENV_FILE, ENV_FILE_SETTING, Settings
from stripe_pipeline.settings.reading import env_file, load_settings

__all__ = ["ENV_FILE", "ENV_FILE_SETTING", "Settings", "env_file", "load_settings"]
