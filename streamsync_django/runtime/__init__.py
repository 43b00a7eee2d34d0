"""The sessions that live in this process, and the threads that work for them."""
