"""An engine with workers: forks_workers.py COUNT FILE writes their pids to FILE, as one line, and sleeps.

Every second worker has a session of its own. They live on when the engine is killed, ten minutes at most.
"""
import os
import sys
import time

pids = []
for number in range(int(sys.argv[1])):
    pid = os.fork()
    if pid == 0:
        if number % 2:
            os.setsid()
        time.sleep(600)
        os._exit(0)
    pids.append(pid)
with open(sys.argv[2] + ".new", "a") as file:
    file.write(" ".join(map(str, pids)) + "\n")
os.rename(sys.argv[2] + ".new", sys.argv[2])
time.sleep(86400)
