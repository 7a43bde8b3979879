"""The original's generator beside ours, for many cases in one process. Reads JSON from stdin, writes JSON to stdout:
each case's environment goes through the original, and both texts through supervisord's own parser."""
import io
import json
import os
import shlex
import sys

os.environ["SAGEMAKER_CONTAINER_LOG_LEVEL"] = "CRITICAL"  # nothing of its log on our stdout
sys.dont_write_bytecode = True
from model_hosting_container_standards.supervisor import generator, models  # noqa: E402
from model_hosting_container_standards.supervisor.scripts import generate_supervisor_config  # noqa: E402
from supervisor.options import UnhosedConfigParser, expand  # noqa: E402


def parse(text, environment):
    """Sections of raw values; a program's command as the arguments that supervisord would run."""
    parser = UnhosedConfigParser()
    parser.read_string(text)
    sections = {
        # `%(here).0s` expands to nothing: it keeps what stands beside it from the parser.
        name: {key: value.replace("%(here).0s", "") for key, value in parser.items(name, raw=True)}
        for name in parser.sections()
    }
    names = {f"ENV_{key}": value for key, value in environment.items()}
    for name, values in sections.items():
        if "command" in values:
            known = {**names, "here": "/h", "program_name": name.partition(":")[2], "group_name": "g"}
            try:
                values["command"] = shlex.split(expand(values["command"], known, "command"))
            except ValueError as error:
                values["command"] = [f"cannot be read: {error}"]
    return sections


def run_original(case):
    os.environ.clear()
    os.environ.update(case["environment"])
    try:
        text = generator.generate_supervisord_config(
            models.parse_environment_variables(),
            shlex.join(case["argv"]),
            **({} if case["name"] is None else {"program_name": case["name"]}),
        )
    except Exception as error:
        return {"error": str(error)}
    try:
        return {"sections": parse(text, case["environment"])}
    except Exception as error:
        return {"error": f"supervisord: {error}"}


def run_command_line(args):
    """The exit code of the original's command, and what it wrote."""
    os.environ.clear()
    sys.argv = ["generate-supervisor-config", *args]
    output, sys.stdout, sys.stderr = sys.stdout, io.StringIO(), io.StringIO()
    try:
        return generate_supervisor_config.main()
    except SystemExit as end:
        return end.code
    finally:
        sys.stdout, sys.stderr = output, sys.__stderr__


asked = json.load(sys.stdin)
cases = [
    {
        "original": run_original(case),
        "ours": None if case["ours"] is None
        else parse(case["ours"], {**case["environment"], **case["oursEnvironment"]}),
    }
    for case in asked["cases"]
]
json.dump({"cases": cases, "codes": [run_command_line(args) for args in asked["commandLines"]]}, sys.stdout)
