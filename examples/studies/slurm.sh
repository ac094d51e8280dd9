#!/bin/bash
#SBATCH --job-name=retwin
#SBATCH --cpus-per-task=2
#SBATCH --time=01:00:00
# One part of a sweep per task of the array: sbatch --array=1-16 slurm.sh
set -eu
retwin sweep design.yaml --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" --jobs "$SLURM_CPUS_PER_TASK" --results "part$SLURM_ARRAY_TASK_ID.sqlite"
