"""A real-time behaviour monitor: Selfee embeddings of camera frames, classified and scored while the animal behaves."""

__version__ = "0.1.0"
