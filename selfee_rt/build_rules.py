"""Rules of a session, from its configuration to their first exposure."""


