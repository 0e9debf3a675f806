#!/usr/bin/env python3
"""Stands in for `az` on a PATH: writes down how it was called, and answers what a script asks.

`AZ_RECORD` is a folder: `calls.jsonl` gets a line a call, `state.json` is what it answers from.
It knows just the commands that the exported scripts use, and fails on any other.
"""

import json
import os
import pathlib
import re
import sys

FOLDER = pathlib.Path(os.environ["AZ_RECORD"])
STATE = FOLDER / "state.json"


def options(words):
    """`--name value ...` as a dictionary; a flag without a value is `None`."""
    found = {}
    name = None
    for word in words:
        if word.startswith("--"):
            name = word
            found[name] = None
        elif name is None:
            sys.exit(f"unexpected {word!r}")
        else:
            found[name] = word if found[name] is None else f"{found[name]}\n{word}"
    return found


def named_in(file):
    return re.search(r"^name: (.+)$", pathlib.Path(file).read_text(), re.M)[1]


def answer(state, query):
    """The two questions of the scripts: a state by name, and a share of the live traffic."""
    by_state = re.fullmatch(r"\[\?name=='([^']+)'\]\.provisioning_state", query)
    if by_state:
        return "Succeeded" if by_state[1] in state["there"] else ""
    by_share = re.fullmatch(r"\[\?name=='([^']+)'\]\.traffic\.\"([^\"]+)\"", query)
    if by_share:
        return str(state["traffic"].get(by_share[2], "")) if by_share[1] in state["there"] else ""
    sys.exit(f"an unknown question: {query}")


def main(words):
    with (FOLDER / "calls.jsonl").open("a") as calls:
        calls.write(json.dumps(words) + "\n")
    state = json.loads(STATE.read_text()) if STATE.exists() else {"there": [], "traffic": {}}
    command, given = " ".join(words[:3]), options(words[3:])
    match command:
        case "ml online-endpoint list" | "ml online-deployment list":
            print(answer(state, given["--query"]))
        case "ml online-endpoint create" | "ml online-deployment create":
            name = named_in(given["--file"])
            if name in state["there"]:
                sys.exit(f"{name} already exists")
            state["there"].append(name)
        case "ml online-endpoint update":
            pairs = given["--traffic"].split()
            state["traffic"] |= {name: int(share) for name, share in (p.split("=") for p in pairs)}
        case "ml online-deployment delete":
            state["there"].remove(given["--name"])
            state["traffic"].pop(given["--name"], None)
        case "ml model create" | "ml online-endpoint invoke" | "ml online-deployment update":
            pass
        case _:
            sys.exit(f"az: {command!r} is misspelled or not recognized by the system.")
    STATE.write_text(json.dumps(state))


main(sys.argv[1:])
