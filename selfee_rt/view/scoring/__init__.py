"""A person scores behaviour in a recording: spans of labels, exposure by exposure.

`spans`, `score`, `labels_file`, `timeline`, `projector` and `player` know nothing of Qt.
"""
