"""The same rollout by our engine and by the official clients leaves the same workspace behind."""

import fnmatch

import pytest

from same_workspace_differences import CLIENTS, differences, listed, verdict
from same_workspace_rollouts import Rollout, by_plan, by_plugin, by_sdk
from same_workspace_sandbox import recording_sandbox
from same_workspace_state import Workspace, changes_sent, normaliser

CARRY_OUT = {"engine": by_plan, "azure-ai-ml": by_sdk, "azureml-mlflow": by_plugin}
ROLLOUTS = (
    Rollout("heart-kept", register=True),
    Rollout("heart-gone", blue="delete"),
    # Of another family, whose quota the others have not used up.
    Rollout("heart-small", size="Standard_F4s_v2", instances=2, mirror=20, blue="scale-to-one"),
    Rollout("heart-files", files=True),
    Rollout("heart-packed", size="Standard_D4as_v4", packaged=True),
)
# The plugin's own files know other members, and hand some of them on as they are; and it packages
# nothing.
NOT_SAID_BY = {"azureml-mlflow": ["heart-files", "heart-packed"]}
LEFT_BY = {"heart-packed": ["package", "packaged_*"]}


def carried_out(client, folder):
    """State and requests of all rollouts by one client, in a workspace of its own."""
    with recording_sandbox(folder / "sandbox") as sandbox:
        info = sandbox.info
        sent = []
        for rollout in ROLLOUTS:
            if rollout.endpoint in NOT_SAID_BY.get(client, []):
                continue
            with sandbox.reached():
                CARRY_OUT[client](info, folder, rollout)
            sent += sandbox.recorded()
        with sandbox.reached():
            workspace = Workspace(info)
            left = workspace.resources()
    normal = normaliser(workspace.names)
    return {"left": normal(left), "sent": normal(changes_sent(sent))}


def without(value, endpoints):
    """Leaves out what stands under these names, or under a step with one of them."""
    if not isinstance(value, dict):
        return value
    patterns = [*endpoints, *(each for name in endpoints for each in LEFT_BY.get(name, []))]
    return {
        name: without(inner, endpoints)
        for name, inner in value.items()
        if not any(fnmatch.fnmatchcase(word, each) for word in name.split() for each in patterns)
    }


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return carried_out("engine", tmp_path_factory.mktemp("engine"))


@pytest.fixture(scope="module", params=CLIENTS)
def official(request, tmp_path_factory, short_waits):
    return request.param, carried_out(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture
def wrong(engine, official):
    """Sentences on what differs and is not listed, and on what is listed in vain."""
    client, theirs = official

    def judge(what):
        ours = without(engine[what], NOT_SAID_BY.get(client, []))
        return verdict(list(differences(ours, theirs[what])), listed(what, client))

    return judge


def test_leaves_the_same_workspace_as_our_engine(wrong):
    assert not wrong("left"), "\n".join(wrong("left"))


def test_sends_the_same_changes_as_our_engine(wrong):
    assert not wrong("sent"), "\n".join(wrong("sent"))
