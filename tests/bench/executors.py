#!/usr/bin/python3
"""How long a sweep takes that Dask distributes, against two processes of the standard library: JSON of seconds.

usage: PYTHONPATH=build/release/python executors.py STUDY SHARDS

Both have two workers, which have imported retwin and run a part before the time begins.
"""
import concurrent.futures
import json
import pathlib
import sys
import time

import distributed
import retwin


def took(study: pathlib.Path, shards: int, executor: object) -> float:
    start = time.perf_counter()
    retwin.sweep(study, executor=executor, shards=shards)
    return time.perf_counter() - start


def main() -> None:
    study, shards = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    out = {}
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        took(study, shards, pool)
        out["processes"] = took(study, shards, pool)
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as cluster, distributed.Client(cluster) as client:
        took(study, shards, client)
        out["dask"] = took(study, shards, client)
    print(json.dumps(out))


if __name__ == "__main__":
    main()
