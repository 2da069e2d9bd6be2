"""Tries each command of the AWS CLI that a guide has against AWS's own descriptions of its services.

    python infra/template/commands.py infra/OPERATING.md

Needs botocore, which comes with aws-sam-cli, and no AWS account. Exit status 1: one names an operation, an option, a field or
a word that AWS does not know, or lacks an option that it asks for.
"""

import re
import shlex
import sys

import botocore.session
from botocore import xform_name

EVERYWHERE = {"region", "query", "output", "cli-binary-format"}  # options of the CLI itself
OWN = {"cloudformation deploy": {"stack-name", "template-file", "parameter-overrides"}}  # what the CLI makes of several calls
session = botocore.session.Session()


def value(shape, text):
    """Yields what is wrong with an option's value, as far as it is written short: Name=value,Other=value."""
    if shape.type_name == "structure" and "=" in text:
        for part in text.split(","):
            name, _, rest = part.partition("=")
            if name not in shape.members:
                yield f"{shape.name} has no field {name}"
            else:
                yield from value(shape.members[name], rest)
    if shape.type_name == "boolean" and text not in ("true", "false"):
        yield f"{text} is neither true nor false"
    if getattr(shape, "enum", None) and text not in shape.enum:
        yield f"{text} is none of {shape.enum}"


def faults(words):
    service, operation = words[0], words[1]
    given, option = {}, None
    for word in words[2:]:
        if word.startswith("--"):
            option = word[2:]
            given[option] = ""
        elif option and not given[option]:
            given[option] = word
    if own := OWN.get(f"{service} {operation}"):
        yield from (f"no option --{name}" for name in given if name not in own | EVERYWHERE)
        return
    try:
        model = session.get_service_model(service)
    except Exception:
        yield f"no service {service}"
        return
    names = {xform_name(name, "-"): name for name in model.operation_names}
    if operation not in names:
        yield f"{service} has no operation {operation}"
        return
    members = model.operation_model(names[operation]).input_shape
    known = {xform_name(name, "-"): shape for name, shape in members.members.items()}
    for name, text in given.items():
        if name in EVERYWHERE:
            continue
        if name not in known:
            yield f"{operation} has no option --{name}"
        elif known[name].type_name != "boolean" or text:
            yield from value(known[name], text)
    for name in members.required_members:
        if xform_name(name, "-") not in given:
            yield f"{operation} lacks --{xform_name(name, '-')}"


with open(sys.argv[1], encoding="utf-8") as file:
    guide = file.read()
commands = [m.group(1) for m in re.finditer(r"`aws ([^`]+)`", guide)] + [m.group(1) for m in re.finditer(r"(?m)^    aws (.+)$", guide)]
wrong = 0
for command in commands:
    for fault in faults(shlex.split(command)):
        wrong += 1
        print(f"aws {command}: {fault}")
if len(commands) < 12:
    wrong += 1
    print(f"{len(commands)} commands only: this looks at the wrong place")
sys.exit(1 if wrong else 0)
