"""The templates' Liquid: python-liquid with exact arithmetic, resource limits and strict errors."""
