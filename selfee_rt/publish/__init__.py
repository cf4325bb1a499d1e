"""Observations to other programs."""
