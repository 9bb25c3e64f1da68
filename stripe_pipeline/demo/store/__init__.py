"""A fake Stripe: a seeded merchant, and a server with Stripe's read API over its account."""

from stripe_pipeline.demo.store.access import DEMO_KEY
from stripe_pipeline.demo.store.accidents import Accident
from stripe_pipeline.demo.store.build import DEFAULT_CUSTOMERS, DEFAULT_SEED, build_store
from stripe_pipeline.demo.store.faults import Faults
from stripe_pipeline.demo.store.files import Files, write_files
from stripe_pipeline.demo.store.merchant import generate
from stripe_pipeline.demo.store.server import Options, serve
from stripe_pipeline.demo.store.store import Store

__all__ = [
    "DEFAULT_CUSTOMERS",
    "DEFAULT_SEED",
    "DEMO_KEY",
    "Accident",
    "Faults",
    "Files",
    "Options",
    "Store",
    "build_store",
    "generate",
    "serve",
    "write_files",
]
