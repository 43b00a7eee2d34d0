"""One instance that edits and publishes again and again, as a process of its own: prints what it published."""

import json
import random
import sys
import threading

import django

django.setup()

from django.db import connection  # noqa: E402

from streamsync_django.core.errors import LayoutError  # noqa: E402
from streamsync_django.layouts.operations import Update  # noqa: E402
from streamsync_django.publishing import drafts, revisions  # noqa: E402


def publish_repeatedly(name: str, times: int, results: list[dict[str, object]]) -> None:
    choose = random.Random(name)
    for number in range(times):
        message = f"{name}-{number}"
        seen = drafts.load("shop").version
        if choose.random() < 0.5:
            try:
                edit = [Update(id="buy", content={"text": message})]
                seen = drafts.edit("shop", edit, base=seen, client=message).version
            except LayoutError:
                pass
        try:
            revision = revisions.publish("shop", message=message, version=seen)
            results.append({"number": revision.number, "digest": revision.digest})
        except LayoutError as error:
            results.append({"refused": str(error)})
    connection.close()


def main() -> None:
    sys.setswitchinterval(0.0005)
    instance, publishers, times = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    results: list[dict[str, object]] = []
    threads = [
        threading.Thread(target=publish_repeatedly, args=(f"{instance}-{number}", times, results))
        for number in range(publishers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
