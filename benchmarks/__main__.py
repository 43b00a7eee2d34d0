"""``python -m benchmarks``: real servers, the engine alone, a large table, pages in a browser; ``… servers`` … for one."""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from pathlib import Path
from typing import Any

from benchmarks import engine, pages, serving, tables

QUICK = serving.Plan(stores=("memory",), sessions=(1, 3), seconds=0.3, rounds=1)


def main() -> None:
    """Measure what the arguments ask for, print tables, and write JSON where that is wanted."""
    arguments = _parser().parse_args()
    report: dict[str, Any] = {"python": platform.python_version(), "processors": os.cpu_count()}
    started = time.monotonic()
    if arguments.what in ("all", "servers"):
        report["servers"] = _servers(_plan(arguments))
    if arguments.what in ("all", "engine"):
        report["engine"] = _engine(is_quick=arguments.quick)
    if arguments.what in ("all", "tables") and not (arguments.quick and arguments.what == "all"):
        report["tables"] = tables.report(is_quick=arguments.quick)
    if arguments.what in ("all", "pages") and not (arguments.quick and arguments.what == "all"):
        report["pages"] = pages.report(is_quick=arguments.quick)
    print(f"\nmeasured in {time.monotonic() - started:.0f} s; every answer was checked")
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(report, indent=2) + "\n")


def _servers(plan: serving.Plan) -> list[dict[str, object]]:
    print("A counter's click against a bare Channels echo, same server, same run\n")
    print(serving.heading(), flush=True)
    cells = []
    for cell in serving.measure(plan):
        print(serving.row(cell), flush=True)
        cells.append(cell.to_json())
    return cells


def _engine(*, is_quick: bool) -> list[dict[str, object]]:
    print("\nThe engine alone, no network\n")
    print(engine.heading(), flush=True)
    results = []
    for result in engine.measure(is_quick=is_quick):
        print(engine.row(result), flush=True)
        results.append(result.to_json())
    return results


def _plan(arguments: argparse.Namespace) -> serving.Plan:
    plan = QUICK if arguments.quick else serving.Plan()
    return serving.Plan(
        servers=arguments.servers or plan.servers,
        stores=arguments.stores or plan.stores,
        sessions=arguments.sessions or plan.sessions,
        seconds=arguments.seconds or plan.seconds,
        rounds=plan.rounds,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "what", nargs="?", choices=("all", "servers", "engine", "tables", "pages"), default="all"
    )
    parser.add_argument("--servers", nargs="+", choices=("daphne", "uvicorn"))
    parser.add_argument("--stores", nargs="+", choices=("memory", "redis"))
    parser.add_argument("--sessions", nargs="+", type=int, help="how many visitors click at once")
    parser.add_argument("--seconds", type=float, help="how long each cell is measured, 5 by default")
    parser.add_argument(
        "--quick", action="store_true", help="a look whether all of it works; figures mean nothing"
    )
    parser.add_argument("--json", type=Path, help="where to write the figures")
    return parser


if __name__ == "__main__":
    main()
