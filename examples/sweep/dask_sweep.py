#!/usr/bin/env python3
"""Makes the runs of a planned overspill sweep on the workers of a Dask cluster, and collects them.

    overspill sweep plan scenario.yaml --vary pools.gateway.count=1..16 --out sweep
    python dask_sweep.py sweep --workers 2                    # on this machine
    python dask_sweep.py sweep --scheduler tcp://HOST:8786    # on a cluster, wherever its workers came from

All workers must see the directory of the sweep under the same path, and have the program. Where a worker dies, Dask
gives its shards to others, which make what is missing of them: a run is there whole or not at all.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from dask.distributed import Client, LocalCluster, as_completed

# How many shards each worker gets: more even out runs of different lengths, fewer start the program less often.
SHARDS_PER_WORKER = 4
# How often a shard is tried again that fails on a worker which lives, as where memory runs out.
RETRIES = 2


def run_shard(program, directory, index, shards):
    """Makes one shard on a worker, with as many threads as the worker has."""
    from dask.distributed import get_worker

    threads = str(get_worker().state.nthreads)
    command = [program, "sweep", "run", directory, "--shard", f"{index}/{shards}", "--quiet"]
    done = subprocess.run(
        command, env=os.environ | {"RAYON_NUM_THREADS": threads}, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return index


def submit(client, program, directory, shards):
    """Hands all shards to the cluster, the first ones first."""
    return [
        client.submit(
            run_shard, program, directory, index, shards,
            key=f"sweep-shard-{index}-of-{shards}", retries=RETRIES, priority=-index, pure=False,
        )
        for index in range(shards)
    ]


def finish(futures):
    """Waits for all shards, and tells how far they are; the first that fails for good ends it."""
    for done, future in enumerate(as_completed(futures), start=1):
        future.result()
        print(f"\rshards {done}/{len(futures)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def collect(program, directory):
    """Puts the runs together, and prints what came out."""
    return subprocess.run([program, "sweep", "collect", directory]).returncode


def connect(args):
    """A client of the cluster that was named, or of one on this machine."""
    if args.scheduler:
        client = Client(args.scheduler)
        client.wait_for_workers(1, timeout=args.wait)
        return client
    workers = args.workers or os.cpu_count() or 1
    threads = max(1, (os.cpu_count() or 1) // workers)
    cluster = LocalCluster(n_workers=workers, threads_per_worker=threads, dashboard_address=None)
    # A task takes a whole worker: its program uses all of the worker's threads.
    return Client(cluster)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", metavar="DIR", help="the directory of a planned sweep")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--workers", type=int, help="workers on this machine [default: one for each core]")
    where.add_argument("--scheduler", metavar="ADDRESS", help="the scheduler of a cluster that is there")
    parser.add_argument("--shards", type=int, help=f"[default: {SHARDS_PER_WORKER} for each worker]")
    parser.add_argument("--wait", default="120s", help="how long to wait for the first worker [default: 120s]")
    parser.add_argument(
        "--overspill", metavar="PROGRAM", default="overspill", help="the program, as the workers find it"
    )
    return parser.parse_args()


def main():
    args = arguments()
    directory = Path(args.directory).resolve()
    try:
        runs = json.loads((directory / "run.json").read_text())["runs"]
    except (OSError, ValueError, KeyError):
        sys.exit(f"{args.directory} holds no sweep: plan one first, with overspill sweep plan SCENARIO --vary …")
    # On this machine the program may be named by a relative path.
    program = shutil.which(args.overspill) or args.overspill
    program = str(Path(program).resolve()) if os.path.exists(program) else program
    with connect(args) as client:
        workers = len(client.nthreads())
        shards = min(args.shards or SHARDS_PER_WORKER * workers, runs)
        print(f"{runs} runs in {shards} shards on {workers} workers", file=sys.stderr)
        finish(submit(client, program, str(directory), shards))
        if not args.scheduler:
            client.cluster.close()
    sys.exit(collect(program, str(directory)))


if __name__ == "__main__":
    main()
