"""Before and after a session: training, export, references, embeddings, verification."""
