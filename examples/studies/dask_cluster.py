"""A sweep on Dask: python3 dask_cluster.py [SCHEDULER]; without a scheduler, on two processes of this machine."""
import pathlib
import sys

import distributed
import retwin

STUDY = pathlib.Path(__file__).resolve().parent / "design.yaml"


def main() -> None:
    address = sys.argv[1] if len(sys.argv) > 1 else None
    cluster = None if address else distributed.LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None)
    with distributed.Client(address or cluster) as client:
        print(retwin.sweep(STUDY, executor=client, shards=8))
    if cluster is not None:
        cluster.close()


if __name__ == "__main__":
    main()
