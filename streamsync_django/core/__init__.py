"""Plain Python: what a session is and does, without Django, Channels or Redis."""
