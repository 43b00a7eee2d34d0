"""A site with a user model of its own, as a process: everything a member does with a layout."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import django

django.setup()

from asgiref.sync import sync_to_async  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.contrib.auth.models import Permission  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402

from streamsync_django import hosting  # noqa: E402
from streamsync_django.layouts.operations import Update  # noqa: E402
from streamsync_django.models import Edit  # noqa: E402
from streamsync_django.publishing import drafts, revisions  # noqa: E402
from streamsync_django.publishing.mirror import read_layout  # noqa: E402
from tests.live import Page, button, write_application  # noqa: E402

MAIN = "import streamsync_django as ss\nss.init_state({'sold': 0})\ndef buy(state): state['sold'] += 1\n"
LIST = "/admin/streamsync_django/application/"


def manage_layouts(folder: Path) -> dict[str, Any]:
    member = get_user_model().objects.create_user("ada@example.org", "secret", is_staff=True)
    member.user_permissions.set(Permission.objects.filter(content_type__app_label="streamsync_django"))
    drafts.begin("shop", read_layout(folder)[0], author=member)
    revisions.publish("shop", author=member)
    drafts.edit("shop", [Update(id="buy", content={"text": "Sell"})], base=0, author=member)
    revisions.publish("shop", author=member)
    revisions.restore("shop", 1, base=1, author=member)
    revisions.revert("shop", 1, author=member)
    edit = Edit.objects.get(version=1)
    client = Client()
    client.force_login(member)
    published = client.post(f"{LIST}shop/revert/2/", {"version": drafts.load("shop").version}, follow=True)
    pk = drafts.load("shop").application.pk
    overview = client.get(f"{LIST}{pk}/change/").content.decode()
    return {
        "is_their_edit": edit.author == member,
        "name": edit.author_name,
        "revisions": [revisions.find("shop", number).author_name for number in (1, 2, 3, 4)],
        "statuses": [published.status_code, client.get(LIST).status_code],
        "is_in_list": "Revision 4 published" in client.get(LIST).content.decode(),
        "is_in_overview": "ada@example.org" in overview,
    }


async def use_the_page() -> int:
    page = Page("shop")
    member = await get_user_model().objects.aget()
    await page.http.aforce_login(member)
    await page.draw()
    await page.connect()
    await page.click("buy")
    await page.sees("sold", 1)
    await page.close()
    await sync_to_async(member.delete)()
    return int(page.value("sold"))


def main() -> None:
    setup_test_environment()
    call_command("migrate", verbosity=0)
    folder = write_application(Path(sys.argv[1]) / "shop", MAIN, [button("buy", "buy", text="Buy")])
    with override_settings(STREAMSYNC={"APPS": {"shop": str(folder)}, "RELOAD": False}, DEBUG=False):
        report = manage_layouts(folder)
        report["sold"] = asyncio.run(use_the_page())
        hosting.close_runtime(1)
    report["name_without_account"] = Edit.objects.get(version=1).author_name
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
