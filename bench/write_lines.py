"""Writes a file to stdout as one write(2) of so many bytes after the other: write_lines.py FILE BYTES DONE.

The file DONE is made when all is written.
"""
import os
import sys

size = int(sys.argv[2])
with open(sys.argv[1], "rb") as file:
    data = memoryview(file.read())
write = os.write
for offset in range(0, len(data), size):
    block = data[offset:offset + size]
    while block:
        block = block[write(1, block):]
open(sys.argv[3], "w").close()
