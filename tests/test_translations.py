"""Every text of the package's pages exists in each of its languages."""

import gettext
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.utils import translation

ROOT = Path(__file__).parent.parent
LOCALE = ROOT / "streamsync_django" / "locale"
PAGES = ROOT / "streamsync_django" / "templates" / "streamsync_django"
LANGUAGES = sorted(path.name for path in LOCALE.iterdir())


def _marked() -> set[str]:
    found: set[str] = set()
    for path in PAGES.glob("*.html"):
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r'{% translate "(.*?)" %}', text))
        blocks = re.findall(r"{% blocktranslate[^%]*%}(.*?){% endblocktranslate %}", text, re.S)
        found |= {re.sub(r"{{ (\w+) }}", r"%(\1)s", block) for block in blocks}
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_marked_text_is_translated(language: str) -> None:
    catalogue = gettext.translation("django", LOCALE, [language])
    assert _marked()
    assert {text for text in _marked() if catalogue.gettext(text) == text} == set()


def test_the_compiled_files_are_those_of_their_sources() -> None:
    script = ROOT / "scripts" / "compile_messages.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_broken_application_is_told_of_in_the_visitors_language() -> None:
    with translation.override("de"):
        text = render_to_string("streamsync_django/broken.html", {"slug": "shop", "is_developer": False})
    assert "Diese Seite ist gerade nicht verfügbar" in text
    assert 'lang="de"' in text
