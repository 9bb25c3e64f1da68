"""The demo: a fake Stripe, and the home folder that mirrors it."""
