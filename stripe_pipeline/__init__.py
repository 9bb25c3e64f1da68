"""Turns a Stripe account into customer profiles, segments, loyalty points and messages."""
