"""Feeds many configurations to the installed supervisord's own parser, one JSON line each way.

Opens nothing and starts nothing: what supervisord would do before it spawns, and no more.
"""

import json
import os
import shlex
import socket
import sys

from supervisor import datatypes, events, options

directory = sys.argv[1]
EVENTS = {getattr(events.EventTypes, n): n for n in dir(events.EventTypes) if n[0] != "_"}


class Refused(Exception):
    pass


class Parser(options.UnhosedConfigParser):
    """The same parser, which can be asked afterwards."""

    latest = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        Parser.latest = self


options.UnhosedConfigParser = Parser


class Stderr:
    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text


def show(value):
    """Makes JSON of what the options classes hold."""
    if isinstance(value, type):
        return value.__name__
    if isinstance(value, dict):
        # Not as an object: V8 15.0 that has read the key "\\" takes any escaped one for it.
        return {"pairs": [[str(k), show(v)] for k, v in value.items()]}
    if isinstance(value, (list, tuple, set)):
        return [show(v) for v in value]
    if isinstance(value, socket.AddressFamily):
        return value.name
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return getattr(value, "__name__", None) or str(value)


def show_process(config):
    names = config.req_param_names + config.optional_param_names
    shown = {name: show(getattr(config, name)) for name in names}
    try:
        shown["argv"] = shlex.split(config.command)
    except ValueError as error:
        shown["argv"] = str(error)
    return shown


def show_group(group):
    shown = {"kind": type(group).__name__, "name": group.name, "priority": group.priority}
    for name in ("buffer_size", "result_handler"):
        if hasattr(group, name):
            shown[name] = show(getattr(group, name))
    if hasattr(group, "pool_events"):
        shown["events"] = sorted(EVENTS[e] for e in group.pool_events)
    if hasattr(group, "socket_config"):
        config = group.socket_config
        shown["socket"] = {"url": config.url, "backlog": config.backlog,
                           "mode": show(getattr(config, "mode", None)),
                           "owner": show(getattr(config, "owner", None))}
    shown["processes"] = [show_process(c) for c in group.process_configs]
    return shown


def expand_all(parser, before, after):
    """Every value of the file as its option would receive it."""
    values = {}
    for section in parser.sections():
        values[section] = {}
        name = section.split(":", 1)[-1]
        names = dict(before if section in ("supervisord", "supervisorctl", "include") else after)
        names.update({"here": directory, "host_node_name": "host", "program_name": name,
                      "group_name": name, "process_num": 0, "numprocs": 1})
        items = dict(parser.items(section))
        if section != "supervisord" and "environment" in items:
            try:
                own = datatypes.dict_of_key_value_pairs(items["environment"] % names)
                names.update({"ENV_" + k: v for k, v in own.items()})
            except (ValueError, KeyError, TypeError):
                pass
        for key, value in items.items():
            try:
                values[section][key] = value % names
            except (ValueError, KeyError, TypeError):
                values[section][key] = None
    return values


def parse(case):
    os.environ.clear()
    os.environ.update(case.get("environment", {}))
    path = os.path.join(directory, "supervisord.conf")
    for name, text in [("supervisord.conf", case["text"]), *case.get("files", {}).items()]:
        with open(os.path.join(directory, name), "wb") as file:
            file.write(text.encode("utf-8"))
    client = case.get("client", False)
    parsed = options.ClientOptions() if client else options.ServerOptions()
    before = dict(parsed.environ_expansions)
    parsed.stderr = Stderr()

    def refuse(status):
        raise Refused(parsed.stderr.text)

    parsed.exit = refuse
    try:
        parsed.realize(args=["-c", path] + (["status"] if client else ["-n"]))
    except Refused as error:
        return {"ok": False, "error": str(error)}
    except Exception as error:  # a crash of the parser is a refusal too
        return {"ok": False, "error": "%s: %s" % (type(error).__name__, error)}
    result = {"ok": True, "values": expand_all(Parser.latest, before, parsed.environ_expansions)}
    if client:
        result["root"] = {k: show(getattr(parsed, k)) for k in
                          ("serverurl", "username", "password", "prompt", "history_file")}
        result["plugins"] = [[n, show(f), show(e)] for n, f, e in parsed.plugin_factories]
        return result
    section = parsed.configroot.supervisord
    result["root"] = {k: show(v) for k, v in vars(section).items()
                      if k not in ("process_group_configs", "rpcinterface_factories")}
    result["plugins"] = [[n, show(f), show(e)] for n, f, e in section.rpcinterface_factories]
    result["groups"] = [show_group(g) for g in section.process_group_configs]
    return result


for line in sys.stdin:
    print(json.dumps(parse(json.loads(line)), ensure_ascii=False))
