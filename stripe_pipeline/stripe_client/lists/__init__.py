"""Read Stripe's lists: pages, complete objects, and windows of creation time in parallel."""
