#!/usr/bin/env bash
# The same sweep in process, by Dask with two workers, and by Dask with one of them killed: the collected files are equal.
#
#   tests/dask/run.sh target/release/overspill
#
# It needs python3 with venv; what examples/sweep/requirements.txt pins is installed below target/.
set -euo pipefail
cd "$(dirname "$0")/../.."
program=${1:?name the program, such as target/release/overspill}
venv=target/dask/venv

if ! test -x "$program"; then
    echo "error: $program is missing; install it with: cargo build --release" >&2
    exit 1
fi
.ci/venv examples/sweep/requirements.txt "$venv"
# Dask looks for its configuration in the home directory, and finds none here.
DASK_CONFIG=target/dask/none exec "$venv/bin/python" tests/dask/sweep_three_ways.py "$program" target/dask/sweeps
