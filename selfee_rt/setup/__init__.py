"""Before the first session: from a camera and a few answers to a configuration, in a window or in the terminal."""
