"""Compile the package's translations (.po) without gettext's programs; what it writes is committed.

python scripts/compile_messages.py           write every django.mo
python scripts/compile_messages.py --check   fail if one is not what its django.po says
"""

import argparse
import ast
import struct
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "streamsync_django" / "locale"
MAGIC = 0x950412DE


def read_po(path: Path) -> dict[str, str]:
    """Return the messages of a file with their translations; plural forms and contexts are not used here."""
    messages: dict[str, str] = {}
    parts = {"msgid": "", "msgstr": ""}
    current = ""
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        keyword, _, rest = line.partition(" ")
        if keyword in parts:
            current, line = keyword, rest
            parts[keyword] = ""
        if line.startswith('"'):
            parts[current] += ast.literal_eval(line)
        elif not line.strip() and parts["msgstr"]:
            messages[parts["msgid"]] = parts["msgstr"]
            parts = {"msgid": "", "msgstr": ""}
    return messages


def compile_mo(messages: dict[str, str]) -> bytes:
    """Return the binary form that gettext reads: tables of lengths and offsets, sorted by message."""
    pairs = [(key.encode(), text.encode()) for key, text in sorted(messages.items())]
    header = 7 * 4
    start = header + 2 * 8 * len(pairs)
    tables: list[list[int]] = [[], []]
    data = b""
    for column in (0, 1):
        for pair in pairs:
            tables[column] += [len(pair[column]), start + len(data)]
            data += pair[column] + b"\0"
    values = [MAGIC, 0, len(pairs), header, header + 8 * len(pairs), 0, start, *tables[0], *tables[1]]
    return struct.pack(f"<{len(values)}I", *values) + data


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail if anything would change")
    check = parser.parse_args().check
    for source in sorted(FOLDER.glob("*/LC_MESSAGES/django.po")):
        target, compiled = source.with_suffix(".mo"), compile_mo(read_po(source))
        if not check:
            target.write_bytes(compiled)
        elif not target.exists() or target.read_bytes() != compiled:
            sys.exit(f"{target.relative_to(ROOT)} is old: run python scripts/compile_messages.py")


if __name__ == "__main__":
    main()
