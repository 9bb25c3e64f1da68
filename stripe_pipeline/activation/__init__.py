"""Activation: from segments to message files. Consent, eligibility, templates, outbox, channels."""
