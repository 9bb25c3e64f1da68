"""Read a Stripe account: the catalog of resources, the client, backfill and changes."""
