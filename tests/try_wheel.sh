#!/bin/sh
# Build the sdist, a wheel from it, and try the wheel from an empty folder in an empty environment.
set -eu
python=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
root=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cd "$folder"
"$python" -m build --outdir "$folder/dist" "$root" >"$folder/build.log" 2>&1 || { cat "$folder/build.log"; exit 1; }
"$python" -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --disable-pip-version-check "$folder"/dist/*.whl
mkdir "$folder/empty"
cd "$folder/empty"
"$folder/env/bin/pgrepl-tui" --version
"$folder/env/bin/pgrepl-tui" --help >/dev/null
"$folder/env/bin/python" - <<'PY'
import importlib.util

from pgrepl_tui import app, headless, styles
from pgrepl_tui.screens import verify

assert importlib.util.find_spec("screens") is None, "screens leaked to the top level"
assert importlib.util.find_spec("tests") is None, "tests leaked into the wheel"
sheets = [path.name for path in __import__("pathlib").Path(styles.__file__).parent.glob("*.tcss")]
assert sheets, "no style sheets in the wheel"
print("wheel: imports", app.__name__, headless.__name__, verify.__name__, "and", len(sheets), "style sheets")
PY
