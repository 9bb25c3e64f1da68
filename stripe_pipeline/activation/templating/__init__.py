"""The Liquid that templates are written in: python-liquid, made exact, bounded and never silent."""
