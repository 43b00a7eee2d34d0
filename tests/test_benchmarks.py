"""The benchmarks run, and check what they measure; how fast it is says nothing on a busy machine."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.processes import ROOT
from benchmarks.visitors import CounterVisitor, WrongAnswer


def test_a_quick_run_measures_every_server_and_the_engine(tmp_path: Path) -> None:
    report_file = tmp_path / "report.json"
    command = [
        sys.executable,
        "-m",
        "benchmarks",
        "--quick",
        "--stores",
        "memory",
        "--json",
        str(report_file),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    report = json.loads(report_file.read_text())

    cells = report["servers"]
    assert {(cell["server"], cell["sessions"]) for cell in cells} == {
        *(("daphne", 1), ("daphne", 3)),
        *(("uvicorn", 1), ("uvicorn", 3)),
    }
    for cell in cells:
        for kind in ("counter", "echo"):
            assert cell[kind]["events"] > 0
            assert 0 < cell[kind]["p50_ms"] <= cell[kind]["p95_ms"] <= cell[kind]["p99_ms"]
            assert cell[kind]["resident_bytes"] > 1_000_000
        assert cell["throughput_ratio"] > 0
    names = {figure["name"] for figure in report["engine"]}
    assert {"one counter event, from frame to frame", "creating a session", "an untouched session"} <= names
    assert all(figure["value"] > 0 for figure in report["engine"])


@pytest.mark.parametrize(
    "patch",
    [
        {"from": 0, "to": 1, "set": [[["count"], 2]], "results": [[1, "ok", None]], "acked": 1},
        {"from": 0, "to": 1, "set": [[["count"], 1]], "results": [[1, "failed", None]], "acked": 1},
        {"from": 0, "to": 1, "set": [[["count"], 1]], "results": [[1, "ok", None]], "acked": 0},
        {"from": 1, "to": 2, "set": [[["count"], 1]], "results": [[1, "ok", None]], "acked": 1},
    ],
    ids=["counted twice", "failed", "not acknowledged", "a version left out"],
)
def test_a_wrong_answer_is_noticed(patch: dict[str, object]) -> None:
    visitor = CounterVisitor.__new__(CounterVisitor)
    visitor.sent, visitor._version = 1, 0
    with pytest.raises(WrongAnswer):
        visitor._check(json.dumps({"type": "patch", **patch}).encode())
