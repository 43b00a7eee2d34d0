"""One instance with an open page, as a process of its own: prints when the page got what another process published."""

import asyncio
import json
import sys
import time
from pathlib import Path

import django

django.setup()

from asgiref.sync import sync_to_async  # noqa: E402
from django.test import override_settings  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402

from streamsync_django import hosting  # noqa: E402
from streamsync_django.publishing import drafts  # noqa: E402
from streamsync_django.publishing.mirror import read_layout  # noqa: E402
from tests.live import Page, button, write_application  # noqa: E402

MAIN = "import streamsync_django as ss\nss.init_state({'sold': 0})\ndef buy(state): state['sold'] += 1\n"


async def keep_a_page_open(folder: Path) -> None:
    await sync_to_async(drafts.begin)("shop", read_layout(folder)[0])
    page = await Page.open("shop")
    session = page.session
    await page.click("buy")
    await page.sees("sold", 1)
    print("ready", flush=True)
    await page.until(lambda: page.layout["components"]["buy"]["content"]["text"] == "Sell", 60)
    seen = time.time()
    await page.click("buy")
    await page.sees("sold", 2)
    report = {
        "seen": seen,
        "is_same_session": page.session is session,
        "welcomes": sum(message["type"] == "welcome" for message in page.messages),
        "has_its_page": page.layout["components"]["page"]["type"] == "page",
        "sold": page.value("sold"),
    }
    await page.close()
    print(json.dumps(report), flush=True)


def main() -> None:
    setup_test_environment()
    folder = write_application(Path(sys.argv[1]) / "shop", MAIN, [button("buy", "buy", text="Buy")])
    with override_settings(STREAMSYNC={"APPS": {"shop": str(folder)}, "RELOAD": False}, DEBUG=False):
        asyncio.run(keep_a_page_open(folder))
        hosting.close_runtime(1)


if __name__ == "__main__":
    main()
