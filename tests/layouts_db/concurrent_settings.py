"""The demo site's settings with the database that the test of many editors names."""

import json
import os

from project.settings import *  # noqa: F403 (settings are a list of names)

DATABASES = {"default": json.loads(os.environ["STREAMSYNC_TEST_DATABASE"])}
