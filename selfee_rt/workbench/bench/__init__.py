"""Times every runtime of this machine on one model, side by side in one run."""
