"""A sweep of 64 runs in process, by Dask with two workers, and by Dask with one of two workers killed in the middle: the
collected files are the same bytes.

    python sweep_three_ways.py PROGRAM FOLDER

PROGRAM is overspill; FOLDER is made anew. The Python must have examples/sweep/requirements.txt.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from dask.distributed import Client, LocalCluster, wait

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "examples" / "sweep"))
import dask_sweep  # noqa: E402

SCENARIO = REPOSITORY / "scenarios" / "gateway-spike" / "scenario.yaml"
# 8 × 2 points with four seeds each.
AXES = ["--vary", "pools.gateway.count=1..8", "--vary", "variant=base,no-spread", "--seeds", "1..4"]
RUNS = 64
SHARDS = 32


def overspill(program, *args):
    subprocess.run([program, *map(str, args)], check=True, stdout=subprocess.DEVNULL)


def plan(program, directory):
    overspill(program, "sweep", "plan", SCENARIO, *AXES, "--out", directory)


def by_script(program, directory):
    """As a user has it: the script from the command line."""
    plan(program, directory)
    script = REPOSITORY / "examples" / "sweep" / "dask_sweep.py"
    command = [sys.executable, script, directory, "--workers", "2", "--shards", str(SHARDS), "--overspill", program]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def with_a_kill(program, directory):
    """The same, and one of the workers gets a SIGKILL while it makes a shard."""
    plan(program, directory)
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        futures = dask_sweep.submit(client, program, str(directory), SHARDS)
        wait(futures[: SHARDS // 3])
        made = len(list((directory / "parts").glob("run-*.jsonl")))
        if not kill_one_that_works(client, futures):
            sys.exit("error: no worker was killed while it made a shard: make the sweep longer")
        dask_sweep.finish(futures)
    print(f"a worker was killed when {made} of {RUNS} runs were made", file=sys.stderr)
    if dask_sweep.collect(program, str(directory)) != 0:
        sys.exit("error: the sweep could not be collected")


def kill_one_that_works(client, futures):
    """Whether Dask has seen a worker die with a shard in its hands; tries again where it died between two shards."""
    while not all(future.done() for future in futures):
        busy = [address for address, tasks in client.processing().items() if tasks]
        if not busy:
            continue
        victim = busy[0]
        pid = client.run(os.getpid, workers=[victim])[victim]
        os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 20
        while victim in client.scheduler_info(n_workers=-1)["workers"] and time.monotonic() < deadline:
            time.sleep(0.05)
        if client.run_on_scheduler(tasks_lost) > 0:
            return True
    return False


def tasks_lost(dask_scheduler):
    """How often a task was on a worker that died."""
    return sum(task.suspicious for task in dask_scheduler.tasks.values())


def collected(directory):
    """Every file of a sweep by its name; those in the making, which a killed worker may leave, are none of it."""
    files = (path for path in directory.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {str(path.relative_to(directory)): path.read_bytes() for path in files}


def main():
    program, folder = str(Path(sys.argv[1]).resolve()), Path(sys.argv[2]).resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    whole, dask, killed = (folder / name for name in ["in-process", "dask", "killed"])
    overspill(program, "sweep", "run", SCENARIO, *AXES, "--out", whole, "--quiet")
    by_script(program, dask)
    with_a_kill(program, killed)
    expected = collected(whole)
    assert {"sweep.csv", "points.csv", "sweep.json", "run.json"} <= expected.keys(), sorted(expected)
    assert sum(name.startswith("parts/") for name in expected) == RUNS, sorted(expected)
    for directory in [dask, killed]:
        found = collected(directory)
        differing = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
        if differing:
            sys.exit(f"error: {directory} differs from {whole} in {', '.join(differing)}")
    print(f"{RUNS} runs in process, by Dask, and by Dask with a worker killed: {len(expected)} equal files")


if __name__ == "__main__":
    main()
