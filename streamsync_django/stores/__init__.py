"""Where sessions are kept durably: one contract (`base`), the embedded default (`memory`), and Redis (`redis`)."""
