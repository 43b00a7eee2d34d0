"""The demo site's own pages."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from project.examples import all_examples
from streamsync_django.models import Application


def test_the_home_page_has_a_card_for_every_application(client: Client) -> None:
    text = client.get("/").content.decode()
    for slug in settings.STREAMSYNC["APPS"]:
        assert f'href="/{slug}/"' in text
    assert "Four years of days to filter" in text
    assert "make run" in text
    assert "make test" in text


@pytest.mark.django_db
def test_who_may_edit_a_layout_finds_the_way_to_it_on_its_card(client: Client) -> None:
    Application.objects.get_or_create(slug="counter")
    assert "Edit Counter" not in client.get("/").content.decode()
    client.force_login(User.objects.create_superuser("ada", password="a long enough password"))
    text = client.get("/").content.decode()
    found = re.search(r'href="([^"]+)" aria-label="Edit Counter"', text)
    assert found is not None
    assert client.get(found[1]).status_code == 200


def test_a_card_tells_the_first_line_of_main_py() -> None:
    counter = next(example for example in all_examples() if example.slug == "counter")
    assert counter.title == "Counter"
    assert counter.description == "The smallest application, a button and the number it has counted."


def test_a_broken_example_does_not_take_the_home_page_with_it(
    client: Client, tmp_path: Path, settings: pytest.FixtureRequest
) -> None:
    (tmp_path / "main.py").write_text("def broken(:\n")
    settings.STREAMSYNC = {"APPS": {"broken_one": str(tmp_path)}}  # type: ignore[attr-defined]
    text = client.get("/").content.decode()
    assert "Broken one" in text
    assert "cannot be read at the moment" in text


def test_every_answer_has_a_policy_without_eval_and_inline_scripts(client: Client) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]
    script = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert script == "script-src 'self'"
    assert "style-src 'self'" in policy.split("; ")
    assert "unsafe" not in policy


def test_the_sites_own_pages_obey_the_policy(client: Client) -> None:
    for address in ("/", "/login/"):
        text = client.get(address).content.decode()
        assert "<script" not in text
        assert not re.search(r"\son[a-z]+=", text)


def test_an_unknown_address_says_where_the_applications_are(client: Client) -> None:
    answer = client.get("/nowhere/at/all/")
    assert answer.status_code == 404
    assert "See all applications" in answer.content.decode()


def test_documents_are_pages_whose_links_lead_to_pages(client: Client) -> None:
    decisions = client.get("/docs/decisions/").content.decode()
    assert '<h1 id="decisions">Decisions</h1>' in decisions
    assert '<a href="/docs/performance/">figures</a>' in decisions
    deployment = client.get("/docs/deployment/").content.decode()
    anchors = re.findall(r'<a href="#([^"]+)"', deployment)
    assert anchors
    assert all(f'id="{anchor}"' in deployment for anchor in anchors if anchor != "content")


@pytest.mark.parametrize("name", ["../settings", "secret"])
def test_only_files_of_docs_are_shown(client: Client, name: str) -> None:
    assert client.get(f"/docs/{name}/").status_code == 404


@pytest.mark.django_db
def test_logging_in_leads_home_and_back_out(client: Client) -> None:
    User.objects.create_user("ada", password="a long enough password")
    wrong = client.post("/login/", {"username": "ada", "password": "no"})
    assert "Please enter a correct username and password" in wrong.content.decode()
    right = client.post("/login/", {"username": "ada", "password": "a long enough password"}, follow=True)
    assert right.redirect_chain == [("/", 302)]
    assert "Log out ada" in right.content.decode()
    assert "Log in" in client.post("/logout/", follow=True).content.decode()
