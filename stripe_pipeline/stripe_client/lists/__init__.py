"""Read Stripe's lists: pages, their objects complete, and windows of creation time side by side."""
