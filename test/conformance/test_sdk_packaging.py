"""Model packaging (preview): a model and its packages as an image of their own."""

import pytest
from azure.ai.ml.entities import AzureMLOnlineInferencingServer, ModelPackage
from azure.core.exceptions import HttpResponseError

import sdk

CLIENTS = ("azure-ai-ml",)
ENDPOINT = "heart-packaged"
MODEL = "heart-packaged"


@pytest.fixture(scope="module")
def model(ml_client):
    return sdk.register(ml_client, name=MODEL)


@pytest.fixture(scope="module")
def endpoint(ml_client, model):
    sdk.create_endpoint(ml_client, ENDPOINT, auth_mode="key")
    yield ENDPOINT
    ml_client.online_endpoints.begin_delete(ENDPOINT).result()


def test_with_package(ml_client, endpoint, model, step):
    with step("refused by the client: with_package=True, as the article writes it"):
        # What is released reads `package_model` (entities/_deployment/online_deployment.py).
        with pytest.raises(TypeError):
            sdk.deploy(ml_client, ENDPOINT, "unpackaged", model, with_package=True)


def test_package_model(ml_client, endpoint, model, sample_request, step):
    with step("package_model=True: packaged, and then stopped by the client's own error"):
        # models.package answers with the service's JSON, and package_deployment
        # (_utils/_package_utils.py) asks that dict for its attribute `id`.
        with pytest.raises(AttributeError, match="'dict' object has no attribute 'id'"):
            sdk.deploy(ml_client, ENDPOINT, "blue", model, package_model=True)
        environment = ml_client.environments.get("packaged-env", label="latest")
        assert environment.name == "packaged-env"
    with step("deploy the packaged environment, without a model and without egress"):
        made = sdk.deploy(
            ml_client,
            ENDPOINT,
            "blue",
            None,
            environment=environment.id,
            egress_public_network_access="disabled",
        )
        assert made.provisioning_state == "Succeeded"
        assert (made.model, made.environment) == (None, environment.id)
        assert len(sdk.invoke(ml_client, ENDPOINT, sample_request, "blue")) == 5


def test_models_package(ml_client, endpoint, model, sample_request, step):
    with step("models.package"):
        packaged = ml_client.models.package(
            MODEL,
            model.version,
            ModelPackage(
                target_environment="heart-image",
                inferencing_server=AzureMLOnlineInferencingServer(),
            ),
        )
        assert packaged.name == "heart-image" and packaged.version
    with step("deploy what models.package made"):
        made = sdk.deploy(ml_client, ENDPOINT, "green", None, environment=packaged)
        assert made.provisioning_state == "Succeeded"
        assert len(sdk.invoke(ml_client, ENDPOINT, sample_request, "green")) == 5


def test_refusals(ml_client, endpoint, model, step):
    with step("not found: package a model version that is not there"):
        with pytest.raises(HttpResponseError, match="(?i)not found"):
            ml_client.models.package(
                MODEL,
                "99",
                ModelPackage(
                    target_environment="lost",
                    inferencing_server=AzureMLOnlineInferencingServer(),
                ),
            )
    with step("failed: no egress and not packaged"):
        with pytest.raises(HttpResponseError, match="User container has crashed or terminated"):
            sdk.deploy(
                ml_client, ENDPOINT, "sealed", model, egress_public_network_access="disabled"
            )
        ml_client.online_deployments.begin_delete("sealed", ENDPOINT).result()
