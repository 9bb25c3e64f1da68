"""Webhooks: Stripe's deliveries are received, kept on the disk, and taken into the next sync."""
