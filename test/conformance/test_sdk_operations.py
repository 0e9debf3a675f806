"""What else azure-ai-ml does with endpoints, deployments and models during a rollout."""

import json

import pytest
from azure.ai.ml.entities import OnlineRequestSettings, ProbeSettings

import sdk

CLIENTS = ("azure-ai-ml",)
ENDPOINT = "heart-operations"


@pytest.fixture(scope="module")
def blue_and_green(ml_client):
    """An endpoint with all its traffic on blue, and green beside it."""
    model = sdk.register(ml_client, name="heart-operations")
    sdk.create_endpoint(ml_client, ENDPOINT, auth_mode="key", tags={"team": "heart"})
    for name in ("blue", "green"):
        sdk.deploy(ml_client, ENDPOINT, name, model)
    sdk.set_traffic(ml_client, ENDPOINT, {"blue": 100}, {})
    yield ENDPOINT
    ml_client.online_endpoints.begin_delete(ENDPOINT).result()


def test_logs(ml_client, blue_and_green, sample_request, step):
    sdk.invoke(ml_client, ENDPOINT, sample_request, "green")
    with step("get_logs of the inference server"):
        log = ml_client.online_deployments.get_logs("green", ENDPOINT, lines=200)
        assert "UserContainerStart: Succeeded" in log
        assert "POST /score 200" in log
        assert log == ml_client.online_deployments.get_logs(
            "green", ENDPOINT, lines=200, container_type="inference-server"
        )
    with step("get_logs of the storage initializer"):
        log = ml_client.online_deployments.get_logs(
            "green", ENDPOINT, lines=200, container_type="storage-initializer"
        )
        assert "ModelDownload: Succeeded" in log
        assert "Downloaded " in log and "POST /score" not in log
    with step("get_logs with a number of lines"):
        short = ml_client.online_deployments.get_logs("green", ENDPOINT, lines=1)
        _, _, tail = short.partition("Container logs:\n")
        assert len(tail.strip().splitlines()) == 1


def test_mirror(ml_client, blue_and_green, sample_request, step):
    with step("mirror 20 % to green"):
        assert sdk.set_traffic(ml_client, ENDPOINT, {"blue": 100}, {"green": 20}) == (
            {"blue": 100},
            {"green": 20},
        )
    with step("invoke while green gets copies"):
        assert len(sdk.invoke(ml_client, ENDPOINT, sample_request)) == 5
    with step("stop mirroring"):
        split = sdk.set_traffic(ml_client, ENDPOINT, {"blue": 100}, {})
        assert split == ({"blue": 100, "green": 0}, {})


def test_scale(ml_client, blue_and_green, sample_request, step):
    with step("scale green to 3 instances"):
        green = ml_client.online_deployments.get("green", ENDPOINT)
        green.instance_count = 3
        scaled = ml_client.online_deployments.begin_create_or_update(green).result()
        assert (scaled.instance_count, scaled.provisioning_state) == (3, "Succeeded")
    with step("scale it back to 1"):
        green = ml_client.online_deployments.get("green", ENDPOINT)
        green.instance_count = 1
        ml_client.online_deployments.begin_create_or_update(green).result()
        assert ml_client.online_deployments.get("green", ENDPOINT).instance_count == 1
        assert len(sdk.invoke(ml_client, ENDPOINT, sample_request, "green")) == 5


@pytest.mark.parametrize("which", ["primary", "secondary"])
def test_regenerate_keys(ml_client, blue_and_green, sample_request, step, which):
    other = "secondary" if which == "primary" else "primary"
    before = vars(ml_client.online_endpoints.get_keys(ENDPOINT))
    with step(f"regenerate the {which} key"):
        ml_client.online_endpoints.begin_regenerate_keys(ENDPOINT, key_type=which).result()
        after = vars(ml_client.online_endpoints.get_keys(ENDPOINT))
        assert after[f"{which}_key"] != before[f"{which}_key"]
        assert after[f"{other}_key"] == before[f"{other}_key"]
        assert len(sdk.invoke(ml_client, ENDPOINT, sample_request)) == 5


def test_tags_and_descriptions(ml_client, blue_and_green, step):
    with step("update tags and description of the endpoint"):
        endpoint = ml_client.online_endpoints.get(ENDPOINT)
        endpoint.tags["reviewed"] = "yes"
        endpoint.description = "heart disease"
        ml_client.online_endpoints.begin_create_or_update(endpoint).result()
        after = ml_client.online_endpoints.get(ENDPOINT)
        assert after.tags == {"team": "heart", "reviewed": "yes"}
        assert (after.description, after.traffic) == ("heart disease", {"blue": 100, "green": 0})
    with step("update tags of a deployment"):
        green = ml_client.online_deployments.get("green", ENDPOINT)
        green.tags = {"role": "green"}
        ml_client.online_deployments.begin_create_or_update(green).result()
        assert ml_client.online_deployments.get("green", ENDPOINT).tags == {"role": "green"}
    with step("update tags of a model"):
        model = ml_client.models.get("heart-operations", "1")
        model.tags = {"reviewed": "yes"}
        path = model.path
        ml_client.models.create_or_update(model)
        after = ml_client.models.get("heart-operations", "1")
        assert (after.tags, after.path) == ({"reviewed": "yes"}, path)


def test_list_and_show(ml_client, sandbox, blue_and_green, step):
    with step("list and show endpoints"):
        listed = {each.name: each for each in ml_client.online_endpoints.list()}
        shown = ml_client.online_endpoints.get(ENDPOINT)
        assert listed[ENDPOINT].id == shown.id
        assert (shown.kind, shown.auth_mode, shown.location) == (
            "Managed",
            "key",
            sandbox["location"],
        )
        assert shown.identity.type == "system_assigned"
    with step("list and show deployments"):
        listed = {each.name: each for each in ml_client.online_deployments.list(ENDPOINT)}
        assert set(listed) == {"blue", "green"}
        shown = ml_client.online_deployments.get("blue", ENDPOINT)
        assert shown.id == listed["blue"].id
        assert (shown.instance_type, shown.app_insights_enabled) == ("Standard_DS3_v2", False)
        assert shown.request_settings.request_timeout_ms == 5000
        assert shown.liveness_probe.failure_threshold == 30
    with step("list and show models"):
        assert "heart-operations" in {each.name for each in ml_client.models.list()}
        shown = ml_client.models.get("heart-operations", "1")
        assert shown.id.endswith("/models/heart-operations/versions/1")
    with step("list and show workspaces and datastores"):
        names = [each.name for each in ml_client.workspaces.list()]
        assert names == [sandbox["workspaceName"]]
        assert ml_client.datastores.get_default().name == "workspaceblobstore"
        assert "workspaceblobstore" in {each.name for each in ml_client.datastores.list()}


def test_settings_of_a_deployment(ml_client, blue_and_green, step):
    with step("deploy with request settings, probes and environment variables"):
        sdk.deploy(
            ml_client,
            ENDPOINT,
            "tuned",
            "azureml:heart-operations:1",
            environment_variables={"LEVEL": "info"},
            request_settings=OnlineRequestSettings(
                request_timeout_ms=90_000,
                max_concurrent_requests_per_instance=4,
                max_queue_wait_ms=1_500,
            ),
            liveness_probe=ProbeSettings(
                initial_delay=500, period=20, timeout=4, failure_threshold=5
            ),
            egress_public_network_access="enabled",
        )
        shown = ml_client.online_deployments.get("tuned", ENDPOINT)
        assert shown.environment_variables == {"LEVEL": "info"}
        assert shown.request_settings.request_timeout_ms == 90_000
        assert shown.request_settings.max_concurrent_requests_per_instance == 4
        # On the way back the client cuts to whole seconds (_utils/utils.py,
        # from_iso_duration_format_ms); 1.5 s were sent.
        assert shown.request_settings.max_queue_wait_ms == 1_000
        assert shown.liveness_probe.initial_delay == 500
        assert shown.liveness_probe.failure_threshold == 5
        assert shown.egress_public_network_access.lower() == "enabled"
    with step("delete a deployment that has no traffic"):
        ml_client.online_deployments.begin_delete("tuned", ENDPOINT).result()
        names = {each.name for each in ml_client.online_deployments.list(ENDPOINT)}
        assert names == {"blue", "green"}


@pytest.mark.parametrize("auth_mode", ["aml_token", "aad_token"])
def test_tokens(ml_client, sample_request, step, auth_mode):
    name = f"heart-{auth_mode.replace('_', '-')}"
    model = sdk.register(ml_client, name="heart-tokens")
    sdk.create_endpoint(ml_client, name, auth_mode=auth_mode)
    sdk.deploy(ml_client, name, "blue", model)
    sdk.set_traffic(ml_client, name, {"blue": 100})
    with step(f"score with {auth_mode}"):
        assert ml_client.online_endpoints.get_keys(name).access_token
        assert len(sdk.invoke(ml_client, name, sample_request)) == 5
    ml_client.online_endpoints.begin_delete(name).result()


def test_request_as_the_article_writes_it(ml_client, blue_and_green, sample_request, tmp_path, step):
    """With and without the index: pandas leaves it out with `index=False`."""
    rows = json.loads(sample_request.read_text())["input_data"]
    without = {key: value for key, value in rows.items() if key != "index"}
    answers = []
    for name, rows in (("with an index", rows), ("without an index", without)):
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps({"input_data": rows}))
        with step(f"invoke with rows {name}"):
            answers.append(sdk.invoke(ml_client, ENDPOINT, file))
    assert answers[0] == answers[1]
