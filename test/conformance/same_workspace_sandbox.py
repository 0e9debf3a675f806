"""A sandbox of its own for one client, with everything it is sent recorded."""

import contextlib
import os

from conftest import NO_TELEMETRY, Control, start, stop


class RecordingSandbox:
    def __init__(self, info):
        # What its one line said.
        self.info = info
        self._control = Control(info["stateDir"])
        self._control.send("POST", "requests", {"record": True})

    def recorded(self):
        """Every request since the last call."""
        said = self._control.send("GET", "requests")
        assert said["recording"] and said["dropped"] == 0
        self._control.send("DELETE", "requests")
        return said["requests"]

    @contextlib.contextmanager
    def reached(self):
        """Lets unmodified clients reach it by environment alone, as a person would."""
        before = dict(os.environ)
        os.environ.update(self.info["env"])
        os.environ.update(NO_TELEMETRY)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


@contextlib.contextmanager
def recording_sandbox(state_dir):
    process, info = start(state_dir)
    try:
        yield RecordingSandbox(info)
    finally:
        stop(process)
