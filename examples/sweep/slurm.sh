#!/bin/bash
# A planned sweep on Slurm: a job array of 16 tasks, each of which makes one shard.
#
#   overspill sweep plan scenario.yaml --vary pools.gateway.count=1..50 --out sweep
#   sbatch slurm.sh sweep
#
# The number of tasks of --array and the number behind the slash of --shard are the same; the array may begin anywhere,
# as in 1-16, but has no steps. A task that was requeued goes on where it was. When all are
# done, collect:
#
#   sbatch --dependency=afterok:JOB --wrap='overspill sweep collect sweep'
#SBATCH --job-name=overspill-sweep
#SBATCH --array=0-15
#SBATCH --cpus-per-task=4
#SBATCH --mem=8G
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --output=overspill-sweep-%A_%a.log
set -euo pipefail
directory=${1:?name the directory of a planned sweep, which all nodes see}

export RAYON_NUM_THREADS=${SLURM_CPUS_PER_TASK:-1}
exec overspill sweep run "$directory" --shard /16 --quiet
