"""Reads INI texts with the installed supervisord's own parser class and matches names with Python's fnmatch.

One JSON list on stdin, one on stdout. {"ini": TEXT} gives sections of values, null where it is refused;
{"pattern": PATTERN, "name": NAME} gives a boolean; {"environment": TEXT} gives what supervisord after 4.3.0 will
read there, null where it refuses: words as in a POSIX shell, where 4.3.0 knows no backslash.
"""
import configparser
import fnmatch
import json
import shlex
import sys

from supervisor.options import UnhosedConfigParser


def read_environment(text):
    lexer = shlex.shlex(text, posix=True)
    lexer.wordchars += "/.+-():"
    try:
        words = list(lexer)
    except ValueError:
        return None
    pairs = []
    for at in range(0, len(words), 4):
        key, sign, value, *_ = words[at:at + 3] + [None] * 3
        if sign != "=" or value is None:
            return None
        pairs.append([key, value])
    return list(dict(pairs).items())


def answer(case):
    if "environment" in case:
        return read_environment(case["environment"])
    if "pattern" in case:
        return fnmatch.fnmatchcase(case["name"], case["pattern"])
    parser = UnhosedConfigParser()
    try:
        parser.read_string(case["ini"].replace("\r\n", "\n").replace("\r", "\n"))
    except configparser.Error:
        return None
    # Past the public methods, which mix the defaults into every section.
    sections = {name: list(values.items()) for name, values in parser._sections.items()}
    sections["DEFAULT"] = list(parser._defaults.items())
    return sorted([name, values] for name, values in sections.items())


print(json.dumps([answer(case) for case in json.load(sys.stdin)]))
