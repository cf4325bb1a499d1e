"""Everything to disk."""
