"""A plan's checks ask a real Prometheus, that of Debian's package: one that passes, one that it refuses.

The package is unpacked into the cache folder without root. Where it can't be had, the test is skipped and says why.
"""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

import pytest

from conftest import ROOT, SAMPLES
from same_workspace_rollouts import PLAN, Rollout, things_of

CLIENTS = ()
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
FOLDER = CACHE / "aml-rollout" / "prometheus"
BINARY = FOLDER / "usr" / "bin" / "prometheus"

CHECKS = """
checks:
  - name: up
    prometheus: {{url: '{url}', query: 'sum(up{{job="self"}})'}}
    pass: '== 1'
    at: [before]
  - name: broken
    mode: warn
    prometheus: {{url: '{url}', query: 'sum('}}
    pass: '== 1'
    intervalSeconds: 1
    at: [before]
"""


def unpacked():
    """The program, from the package of this machine's Debian; fetched once."""
    if BINARY.exists():
        return BINARY
    missing = [tool for tool in ("apt-get", "dpkg") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"Prometheus is not there: {missing[0]} is missing, which fetches Debian's package")
    with tempfile.TemporaryDirectory() as scratch:
        fetched = subprocess.run(
            ["apt-get", "download", "prometheus"], cwd=scratch, capture_output=True, text=True, timeout=300
        )
        packages = list(pathlib.Path(scratch).glob("prometheus_*.deb"))
        if fetched.returncode != 0 or not packages:
            said = fetched.stderr.strip().splitlines() or ["no package"]
            pytest.skip(f"Prometheus is not there: apt-get download prometheus: {said[-1]}")
        FOLDER.mkdir(parents=True, exist_ok=True)
        subprocess.run(["dpkg", "-x", packages[0], FOLDER], check=True)
    return BINARY


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    """Its address; it scrapes itself every second."""
    program = unpacked()
    folder = tmp_path_factory.mktemp("prometheus")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        at = f"127.0.0.1:{free.getsockname()[1]}"
    scrape = {"job_name": "self", "static_configs": [{"targets": [at]}]}
    config = {"global": {"scrape_interval": "1s"}, "scrape_configs": [scrape]}
    (folder / "prometheus.yml").write_text(json.dumps(config))
    process = subprocess.Popen(
        [
            program,
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address={at}",
            "--log.level=error",
        ]
    )
    try:
        until = time.monotonic() + 60
        while not is_up(f"http://{at}"):
            assert process.poll() is None, "Prometheus ended"
            assert time.monotonic() < until, "Prometheus did not scrape itself within 60 s"
            time.sleep(0.2)
        yield f"http://{at}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def is_up(url):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url}/api/v1/query?query=sum(up)") as reply:
            return json.load(reply)["data"]["result"] != []
    except (urllib.error.URLError, ConnectionError):
        return False


def test_checks_ask_a_real_prometheus(prometheus, tmp_path, step):
    things = things_of(Rollout("prometheus", register=True))
    text = PLAN.format(things=things, csv=SAMPLES / "heart.csv", retire="keep", mirror="")
    plan = tmp_path / "plan.yml"
    plan.write_text(text + CHECKS.format(url=prometheus))
    home = tmp_path / "home"
    with step("run a plan with checks"):
        ended = subprocess.run(
            ["node", str(ROOT / "dist" / "main.js"), "run", str(plan), "--sandbox", "--yes"],
            env={**os.environ, "AML_ROLLOUT_HOME": str(home)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
    verdicts = {each["gate"]: each for each in checks_in(home)}
    with step("an instant query passes"):
        assert verdicts["check:up"]["verdict"] == "pass"
        assert verdicts["check:up"]["green"] == "1"
    with step("a query that Prometheus refuses says its words"):
        assert verdicts["check:broken"]["verdict"] == "error"
        assert "unclosed left parenthesis" in verdicts["check:broken"]["why"]


def checks_in(home):
    [journal] = home.rglob("*.jsonl")
    for line in journal.read_text().splitlines():
        entry = json.loads(line)
        yield from (each for each in verdicts_in(entry) if each["gate"].startswith("check:"))


def verdicts_in(value):
    """Of any line, however deep."""
    if isinstance(value, dict):
        yield from value["verdicts"] if "verdicts" in value else ()
        for each in value.values():
            yield from verdicts_in(each)
