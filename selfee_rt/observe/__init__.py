"""Embeddings to labels and anomaly scores."""
