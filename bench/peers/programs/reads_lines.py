"""Reads what a contender passes on of writes_lines.py: reads_lines.py FILE BYTES COUNT COMMAND…

Runs COMMAND with a pipe as its stdout, and hands SIGTERM on. FILE gets, once the line "END" is there, one JSON object:
secs from the first byte after "BEGIN" to "END", lines, whether the bytes between are as written (but for the clocks'
digits), and of each line the µs from just before its write to its arrival here: median, 99th percentile, highest.
"""
import json
import os
import re
import signal
import subprocess
import sys
import time

report, size, count, *command = sys.argv[1:]
size, count = int(size), int(count)
ours, theirs = os.pipe()
child = subprocess.Popen(command, stdout=theirs)
os.close(theirs)
signal.signal(signal.SIGTERM, lambda *_: child.send_signal(signal.SIGTERM))


def describe(chunks):
    data = b"".join(chunk for _, chunk in chunks)
    begin = data.index(b"BEGIN")
    ends, total = [], 0
    for at, chunk in chunks:
        total += len(chunk)
        ends.append((total, at))
    latencies, lines, position = [], 0, 0
    for found in re.finditer(rb"@(\d+)\r?\n", data):
        while ends[position][0] < found.end():
            position += 1
        latencies.append((ends[position][1] - int(found[1])) / 1e3)
        lines += 1
    latencies.sort()
    first = next(at for end, at in ends if end > begin)
    pick = lambda part: latencies[min(len(latencies) - 1, int(len(latencies) * part))] if latencies else None
    body = data[data.index(b"\n", begin) + 1:data.rindex(b"END\n")]
    return {
        "secs": (chunks[-1][0] - first) / 1e9, "lines": lines, "isExact": len(body) == size * count,
        "median": pick(0.5), "p99": pick(0.99), "highest": pick(1),
    }


chunks, isSeen = [], False
while True:
    chunk = os.read(ours, 1 << 20)
    if not chunk:
        break
    if isSeen:
        continue
    chunks.append((time.monotonic_ns(), chunk))
    tail = (chunks[-2][1][-8:] if len(chunks) > 1 else b"") + chunk
    if b"END\n" in tail[-64:]:
        isSeen = True
        with open(report + ".new", "w") as file:
            json.dump(describe(chunks), file)
        os.rename(report + ".new", report)
code = child.wait()
sys.exit(code if code >= 0 else 128 - code)
