"""Frames to live frames."""
