"""A site's own user model, keyed by UUID and called by e-mail address."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_whoever_a_sites_users_are_they_edit_publish_and_use_applications(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.layouts_db.custom_user_settings",
        "STREAMSYNC_TEST_FILE": str(tmp_path / "site.sqlite3"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.layouts_db.a_member_edits", str(tmp_path)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    ada = "ada@example.org"
    assert json.loads(done.stdout) == {
        "is_their_edit": True,
        "name": ada,
        "revisions": [ada] * 4,
        "statuses": [200, 200],
        "is_in_list": True,
        "is_in_overview": True,
        "sold": 1,
        "name_without_account": ada,
    }
