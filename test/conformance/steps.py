"""What the clients did, step by step: written while the tests run, read by scripts/conformance.mjs.

A test names its steps with the fixture `step`; a test without steps is one step, named by itself.
The module says whose steps they are: `CLIENTS = ("azure-ai-ml",)`, distributions as pip names them, or as npm does.
"""

import contextlib
import importlib.metadata
import json
import pathlib
import time

import pytest

_steps = pytest.StashKey[list]()
_reports = pytest.StashKey[list]()


def pytest_addoption(parser):
    parser.addoption("--steps", metavar="FILE", help="append the steps as JSON lines")


@pytest.fixture
def step(request):
    """`with step("register v1"): …` is a row of the run's table, whatever becomes of it."""
    done = request.node.stash.setdefault(_steps, [])

    @contextlib.contextmanager
    def take(what):
        since = time.monotonic()
        took = lambda: round(time.monotonic() - since, 2)  # noqa: E731
        try:
            yield
        except BaseException as error:
            done.append((what, "failed", f"{type(error).__name__}: {error}", took()))
            raise
        done.append((what, "passed", None, took()))

    return take


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    reports = item.stash.setdefault(_reports, [])
    reports.append(report)
    if report.when == "teardown" and (file := item.config.getoption("--steps")):
        with open(file, "a", encoding="utf-8") as lines:
            for row in _rows(item, reports):
                lines.write(json.dumps(row) + "\n")
    return report


def _rows(item, reports):
    clients = getattr(item.module, "CLIENTS", ("azure-ai-ml",))
    if not clients:
        return
    common = {
        "clients": [{"name": name, "version": _version(name)} for name in clients],
        "variant": getattr(item, "callspec", None) and item.callspec.params.get("sandbox"),
    }
    rows = list(item.stash.get(_steps, []))
    failed = next((report for report in reports if report.failed), None)
    if failed is not None and all(result == "passed" for _, result, _, _ in rows):
        # It broke before, between or after the steps.
        what = _title(item) if failed.when == "call" else f"{_title(item)} ({failed.when})"
        rows.append((what, "failed", _last_line(failed), None))
    elif not rows:
        skipped = any(report.skipped for report in reports)
        rows.append((_title(item), "skipped" if skipped else "passed", None, None))
    for what, result, why, seconds in rows:
        yield common | {"step": what, "result": result, "why": why, "seconds": seconds}


def _version(client):
    if not client.startswith("@"):
        return importlib.metadata.version(client)
    package = pathlib.Path(__file__).parents[2] / "node_modules" / client / "package.json"
    return json.loads(package.read_text())["version"]


def _title(item):
    """The test's name as words, with its own parameters."""
    name = item.originalname.removeprefix("test_").replace("_", " ")
    params = getattr(item, "callspec", None) and item.callspec.params or {}
    own = [str(value) for key, value in params.items() if key != "sandbox"]
    return f"{name}: {', '.join(own)}" if own else name


def _last_line(report):
    lines = report.longreprtext.strip().splitlines()
    return next((line[1:].strip() for line in lines if line.startswith("E ")), lines[-1])
