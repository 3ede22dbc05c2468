#!/bin/bash
# wheel.sh - wheel and sdist of the commit at hand, built cleanly; what is in them; the wheel alone in a fresh environment.
# WORK=../../out/acceptance, DIST=$WORK/dist
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd); REPO=$(cd "$HERE/../.." && pwd)
WORK=${WORK:-$REPO/out/acceptance}; mkdir -p "$WORK"; WORK=$(cd "$WORK" && pwd); DIST=${DIST:-$WORK/dist}
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PATH=/usr/bin:$PATH  # Debian's Python, which a service can see

rm -rf "$WORK/source" "$DIST" "$WORK/plain"; mkdir -p "$WORK/source" "$DIST"
git -C "$REPO" archive HEAD | tar x -C "$WORK/source"
[ -x "$WORK/tools/bin/python" ] || { python3 -m venv "$WORK/tools"; "$WORK/tools/bin/pip" install -q build; }
(cd "$WORK/source" && "$WORK/tools/bin/python" -m build -o "$DIST")  # sdist, then the wheel from the sdist

wheel=$(ls "$DIST"/composerd-*.whl); held=$(python3 -m zipfile -l "$wheel")
wanted=(composerd/config/default.yaml composerd/py.typed composerd/library/keyboards/deepcomposer.yaml)
for genre in rock pop jazz symphony bach; do wanted+=("composerd/models/$genre.onnx" "composerd/library/genres/$genre.yaml"); done
for unit in "$REPO"/systemd/*; do wanted+=("composerd/systemd/${unit##*/}"); done
for one in "${wanted[@]}"; do
  [[ $held == *"$one "* ]] || { echo "$wheel: $one is missing" >&2; exit 1; }
done
sdist=$(ls "$DIST"/composerd-*.tar.gz); source=$(tar tzf "$sdist")
for one in models/bach.onnx systemd/composerd.service docs/reference/controls.md tests/acceptance/run LICENSE; do
  [[ $source == *"/$one"* ]] || { echo "$sdist: $one is missing" >&2; exit 1; }
done

python3 -m venv "$WORK/plain"; "$WORK/plain/bin/pip" install -q "$wheel"
cd "$WORK/plain"; export HOME=$WORK/plain/home; mkdir -p "$HOME"; unset PYTHONPATH
bin/composerd --version; bin/composerd genres; bin/composerd models --check
bin/composerd service install --dry-run --system --root "$HOME" > /dev/null
bin/composerd demo --output demo.mid; test -s demo.mid
bin/python - <<'P'
import composerd, sys
assert composerd.__file__.startswith(sys.prefix), composerd.__file__
P
echo "## $(basename "$wheel"): $(stat -c %s "$wheel") bytes, alone in a fresh environment: ok"
