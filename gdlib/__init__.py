"""Gradient descent, derived, coded and moved: one module per chapter, imported by its own name."""
