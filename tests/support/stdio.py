"""Runs a command whose stdout and stderr are what a container may give it, and reads them.

stdio.py KIND STDOUT STDERR COMMAND…  KIND: pipe, socket, terminal (raw), or pipes whose readers go away
after the first bytes: closed, closed-stdout. STDOUT and STDERR name files that get a copy; `=FILE` compares with FILE instead. Exits as
COMMAND did; prints one JSON object: bytes and time in s from first to last byte of each, and whether all was equal.
"""
import json
import os
import pty
import select
import socket
import subprocess
import sys
import time
import tty

CHUNK = 1 << 20


def open_pair(kind):
    """The end that is read, and the end that the command gets."""
    if kind == "socket":
        ours, theirs = socket.socketpair()
        return ours.detach(), theirs.detach()
    if kind == "terminal":
        ours, theirs = pty.openpty()
        tty.setraw(theirs)
        return ours, theirs
    return os.pipe()


class Reader:
    def __init__(self, descriptor, target):
        self.descriptor = descriptor
        self.first = self.last = None
        self.bytes = 0
        self.equal = True
        expected = target.startswith("=")
        self.copy = None if expected else open(target, "wb", buffering=0)
        self.expected = open(target[1:], "rb") if expected else None

    def take(self):
        """Reads once; False at the end."""
        try:
            data = os.read(self.descriptor, CHUNK)
        except OSError:  # a terminal whose other end is closed
            data = b""
        if not data:
            self.equal = self.equal and (self.expected is None or not self.expected.read(1))
            return False
        self.last = time.monotonic()
        self.first = self.first or self.last
        self.bytes += len(data)
        if self.copy:
            self.copy.write(data)
        elif self.equal:
            self.equal = self.expected.read(len(data)) == data
        return True

    def facts(self):
        return {"bytes": self.bytes, "secs": (self.last or 0) - (self.first or 0), "equal": self.equal}


def main():
    kind, out, err, *command = sys.argv[1:]
    pairs = [open_pair(kind), open_pair(kind)]
    child = subprocess.Popen(command, stdout=pairs[0][1], stderr=pairs[1][1])
    for _, theirs in pairs:
        os.close(theirs)
    readers = {ours: Reader(ours, target) for (ours, _), target in zip(pairs, (out, err))}
    poll = select.poll()
    for descriptor in readers:
        poll.register(descriptor, select.POLLIN)
    open_count = len(readers)
    leaving = {"closed": list(readers), "closed-stdout": [pairs[0][0]]}.get(kind, [])
    while open_count:
        for descriptor, _ in poll.poll():
            if not readers[descriptor].take() or descriptor in leaving:
                poll.unregister(descriptor)
                os.close(descriptor)
                open_count -= 1
    code = child.wait()
    print(json.dumps([reader.facts() for reader in readers.values()]), flush=True)
    sys.exit(code if code >= 0 else 128 - code)


main()
