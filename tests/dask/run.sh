#!/usr/bin/env bash
# The same sweep in process, by Dask with two workers, and by Dask with one of them killed: the collected files are equal.
#
#   tests/dask/run.sh target/release/overspill
#
# It needs python3 with venv; what examples/sweep/requirements.txt pins is installed below target/.
set -euo pipefail
cd "$(dirname "$0")/../.."
program=${1:?name the program, such as target/release/overspill}
requirements=examples/sweep/requirements.txt
venv=target/dask/venv

missing() {
    echo "error: $1 is missing; install it with: $2" >&2
    exit 1
}

test -x "$program" || missing "$program" "cargo build --release"
command -v python3 >/dev/null || missing python3 "apt-get install python3 python3-venv"
python3 -c 'import ensurepip, venv' 2>/dev/null || missing "python3's venv" "apt-get install python3-venv"
if ! cmp --silent "$requirements" "$venv/installed.txt"; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$requirements" ||
        missing "what Dask takes" "$venv/bin/pip install -r $requirements"
    cp "$requirements" "$venv/installed.txt"
fi
# Dask looks for its configuration in the home directory, and finds none here.
DASK_CONFIG=target/dask/none exec "$venv/bin/python" tests/dask/sweep_three_ways.py "$program" target/dask/sweeps
