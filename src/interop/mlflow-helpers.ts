/** Functions that the MLflow script defines where it calls them. */

export const VERSION_OF = `
def version_of(name, version, folder):
    """The version where it is registered; else what the folder is registered as, the next free one."""
    for each in mlflow.MlflowClient().search_model_versions(f"name='{name}'"):
        if str(each.version) == version:
            return version
    return mlflow.register_model("file://" + str(pathlib.Path(folder).resolve()), name).version`;

export const EXISTS = `
def exists(things, name):
    """Does it exist? One that exists but is not usable ends the script."""
    for each in things:
        if each["name"] == name:
            state = each["properties"]["provisioningState"]
            if state != "Succeeded":
                sys.exit(f"{name} is {state}: wait, or delete it, then run this again.")
            return True
    return False`;

export const IS_DONE = `
def is_done(endpoint, split, deployments):
    """Is this split live, and do these deployments exist?"""
    if not exists(client.list_endpoints(), endpoint):
        return False
    live = client.get_endpoint(endpoint)["properties"].get("traffic") or {}
    there = client.list_deployments(endpoint=endpoint)
    same = {name: weight for name, weight in live.items() if weight} == split
    return same and all(exists(there, name) for name in deployments)`;

export const ASK = `
def ask(endpoint, deployment):
    """Sends the sample, if there is one, before the deployment gets any traffic."""
    if os.path.exists("sample.json"):
        import pandas

        with open("sample.json") as file:
            rows = json.load(file)["input_data"]
        frame = pandas.DataFrame(rows["data"], columns=rows["columns"], index=rows["index"])
        print(deployment, "answers", client.predict(deployment, frame, endpoint=endpoint))`;
