"""An engine that writes lines: writes_lines.py BYTES COUNT PAUSE_MS SETTLED_MS, then sleeps.

Each line is one write(2) of BYTES bytes: its number, filling, "@" and the monotonic clock in ns just before the
write, a line feed. Before them comes the line "BEGIN", after them "END". It begins after SETTLED_MS, when the
start is over for whoever passes its lines on.
"""
import os
import sys
import time

size, count = int(sys.argv[1]), int(sys.argv[2])
pause_ms, settled_ms = float(sys.argv[3]), float(sys.argv[4])
now, write = time.monotonic_ns, os.write
filling = b"x" * size


def put(data):
    while data:
        data = data[write(1, data):]


time.sleep(settled_ms / 1e3)
put(b"BEGIN\n")
for number in range(count):
    head = b"%d " % number
    tail = b"@%d\n" % now()
    put((head + filling[len(head) + len(tail):] + tail)[-size:])
    if pause_ms:
        time.sleep(pause_ms / 1e3)
put(b"END\n")
time.sleep(86400)
