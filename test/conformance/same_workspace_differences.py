"""Compares two JSON values and holds what differs against the list in differences.yml.

An entry names a place by JSON Pointer (RFC 6901), where `*` stands for anything within a segment.
A value that is left out means that the member is absent there; `oursLike` and `theirsLike` are
patterns for text that no two runs have in common, and `only` says which side has a request or a
member, whatever its value. `against` names the clients that an entry is about; without it, both.
"""

import fnmatch
import pathlib

import yaml

LIST = pathlib.Path(__file__).with_name("differences.yml")
CLIENTS = ("azure-ai-ml", "azureml-mlflow")
ABSENT = "(absent)"


def escaped(name):
    return str(name).replace("~", "~0").replace("/", "~1")


def differences(ours, theirs, place=""):
    """Yields (pointer, ours, theirs), as deep as the two can be compared."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in sorted({*ours, *theirs}):
            yield from differences(
                ours.get(name, ABSENT), theirs.get(name, ABSENT), f"{place}/{escaped(name)}"
            )
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (one, two) in enumerate(zip(ours, theirs)):
            yield from differences(one, two, f"{place}/{index}")
    elif type(ours) is not type(theirs) or ours != theirs:
        yield place, ours, theirs


def listed(what, client):
    """The explained differences to one client in what is `left` or what is `sent`."""
    entries = yaml.safe_load(LIST.read_text())[what]
    for entry in entries:
        sides = entry.keys() - {"where", "against", "why"}
        assert entry.get("where") and entry.get("why") and sides, entry
        assert sides == {"only"} or sides <= {"ours", "oursLike", "theirs", "theirsLike"}, entry
        assert set(entry.get("against", CLIENTS)) <= set(CLIENTS), entry
    return [entry for entry in entries if client in entry.get("against", CLIENTS)]


def explains(entry, found):
    place, ours, theirs = found
    given, pattern = place.split("/"), entry["where"].split("/")
    if len(given) != len(pattern) or not all(map(fnmatch.fnmatchcase, given, pattern)):
        return False
    if "only" in entry:
        there, absent = (ours, theirs) if entry["only"] == "ours" else (theirs, ours)
        return there != ABSENT and absent == ABSENT
    return is_as_said(entry, "ours", ours) and is_as_said(entry, "theirs", theirs)


def is_as_said(entry, side, value):
    pattern = entry.get(f"{side}Like")
    if pattern is None:
        return entry.get(side, ABSENT) == value
    return isinstance(value, str) and value != ABSENT and fnmatch.fnmatchcase(value, pattern)


def verdict(found, entries):
    """Sentences on what is not in the list, and on what is listed but did not occur."""
    used = set()
    wrong = []
    for each in found:
        matching = [at for at, entry in enumerate(entries) if explains(entry, each)]
        used.update(matching)
        if not matching:
            place, ours, theirs = each
            wrong.append(f"not listed: {place}\n  ours:   {ours!r}\n  theirs: {theirs!r}")
    wrong += [
        f"listed, but not there any more: {entry['where']}"
        for at, entry in enumerate(entries)
        if at not in used
    ]
    return wrong
