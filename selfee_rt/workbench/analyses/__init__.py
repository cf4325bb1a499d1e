"""Time-series analyses of embeddings, offline: syllables, alignment, maps."""
