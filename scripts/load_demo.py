"""Put into the demo's database what its files do not bring: somebody who may use the admin.

Only while debugging: an account whose password everybody knows has no place on a public site.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

import django

NAME = PASSWORD = "demo"


def main() -> int:
    """Make the account unless it is there; return the exit status."""
    django.setup()
    from django.conf import settings
    from django.contrib.auth import get_user_model

    if not settings.DEBUG:
        print("The demo's account is made while debugging only.", file=sys.stderr)
        return 1
    users = get_user_model().objects
    if not users.filter(username=NAME).exists():
        users.create_superuser(NAME, "", PASSWORD)
        print(f"The admin, at /admin/, lets you in as {NAME} with the password {PASSWORD}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
