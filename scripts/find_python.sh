#!/bin/sh
# Print the first Python that is new enough. `python3` comes first: it is the one the user chose.
for name in python3 python3.13 python3.12 python3.11 python3.14 python; do
  if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    command -v "$name"
    exit 0
  fi
done
echo "No Python 3.11 or newer was found. Install one, or name it: make PYTHON=/path/to/python3.12" >&2
exit 1
