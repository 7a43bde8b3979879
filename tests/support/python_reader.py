"""Reads INI texts with the installed supervisord's own parser class and matches names with Python's fnmatch.

One JSON list on stdin, one on stdout. {"ini": TEXT} gives sections of values, null where it is refused;
{"pattern": PATTERN, "name": NAME} gives a boolean.
"""
import configparser
import fnmatch
import json
import sys

from supervisor.options import UnhosedConfigParser


def answer(case):
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
