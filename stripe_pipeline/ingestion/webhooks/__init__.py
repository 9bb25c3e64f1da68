"""Webhooks: receive Stripe's deliveries, spool them to disk, and apply them in the next sync."""
