"""Live frames to embeddings."""
