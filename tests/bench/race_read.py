"""The race of tests/bench/read: bench_read against polars on the same files, turn by turn."""
import os
import re
import statistics
import subprocess
import sys

PEER = ("import sys, time, polars\nstart = time.monotonic()\nframe = polars.read_csv(sys.argv[1])\n"
        "print(time.monotonic() - start)")
LIMIT = {"timed": 32, "plain": 24, "shuffled": 32}
TURNS = 5


def main():
    program, work, rows = sys.argv[1:]
    threads = str(len(os.sched_getaffinity(0)))
    failed = False
    for kind, limit in LIMIT.items():
        path = os.path.join(work, kind, "ratings.csv")
        if os.path.lexists(path):
            os.unlink(path)
        os.symlink(f"ratings.{rows}.csv", path)
        ours, theirs, peaks = [], [], []
        for _ in range(TURNS):
            out = subprocess.run([program, path, threads], check=True, capture_output=True,
                                 text=True).stdout
            ours.append(float(re.search(r"seconds ([\d.]+)", out)[1]))
            peaks.append(float(re.search(r"([\d.]+) bytes a rating", out)[1]))
            theirs.append(float(subprocess.run([sys.executable, "-c", PEER, path], check=True,
                                               capture_output=True, text=True).stdout))
        ratio = statistics.median(ours) / statistics.median(theirs)
        good = ratio <= 2 and max(peaks) < limit
        failed |= not good
        print(f"{kind:9} reckon {statistics.median(ours):.3f} s, polars "
              f"{statistics.median(theirs):.3f} s (medians of {TURNS}, {threads} threads): ratio "
              f"{ratio:.2f} of at most 2; peak {max(peaks):.1f} bytes a rating of below {limit}: "
              f"{'met' if good else 'MISSED'}")
    sys.exit(failed)


main()
