"""A sweep on MPI: mpirun -n 5 python3 -m mpi4py.futures mpi_pool.py; one process tells, four work."""
import pathlib

import retwin
from mpi4py.futures import MPIPoolExecutor

STUDY = pathlib.Path(__file__).resolve().parent / "design.yaml"

if __name__ == "__main__":
    with MPIPoolExecutor() as pool:
        print(retwin.sweep(STUDY, executor=pool, shards=8))
