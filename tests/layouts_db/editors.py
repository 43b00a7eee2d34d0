"""One instance with several editors, as a process of its own: prints what became of each operation, as JSON."""

import json
import random
import sys
import threading

import django

django.setup()

from django.db import connection  # noqa: E402

from streamsync_django.core.errors import LayoutError  # noqa: E402
from streamsync_django.publishing import drafts  # noqa: E402
from tests.layouts_db.test_operations import random_operation  # noqa: E402


def edit_randomly(name: str, times: int, results: list[dict[str, object]]) -> None:
    choose = random.Random(name)
    draft = drafts.load("shop").draft
    for number in range(times):
        key = f"{name}-{number}"
        operation = random_operation(choose, draft.tree)
        try:
            edit = drafts.edit(
                "shop", [operation], base=draft.version, client=f"{name}-{draft.version}", key=key
            )
            results.append({"key": key, "version": edit.version})
        except LayoutError as error:
            results.append({"key": key, "refused": list(error.problems)})
        if choose.random() < 0.5:
            draft = drafts.load("shop").draft
    connection.close()


def main() -> None:
    # Whoever holds the lock needs many short turns between its questions to the database.
    sys.setswitchinterval(0.0005)
    instance, editors, times = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    results: list[dict[str, object]] = []
    threads = [
        threading.Thread(target=edit_randomly, args=(f"{instance}-{number}", times, results))
        for number in range(editors)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
