"""What ``manage.py streamsync`` does for operators; the command itself only reads arguments."""
