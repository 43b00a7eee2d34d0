#!/usr/bin/env python
"""Run one of Django's management commands for the demo site."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError as error:
        raise ImportError(
            "Django is not installed in this Python. Run `make setup` and use .venv/bin/python, "
            "or `pip install -r requirements.txt`."
        ) from error
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
