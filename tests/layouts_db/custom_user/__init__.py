"""A tiny app with a user model of its own: no numbers as keys, and another name to log in with."""
