/** The YAML files that a rollout's scripts stand beside, each under a name of its own. */
import type { Change } from '../rollout/changes/change.js';
import { scriptSteps, type ScriptStep } from './script.js';
import { deploymentYaml, endpointYaml, packageYaml } from './yaml-out.js';

interface YamlFile {
  name: string;
  text: string;
  change: Change;
}

function fileOf(
  { change, model }: ScriptStep,
  visible: readonly string[] | undefined,
): Omit<YamlFile, 'change'> | undefined {
  switch (change.kind) {
    case 'createEndpoint':
      return { name: 'endpoint', text: endpointYaml(change) };
    case 'createDeployment': {
      const name = `${change.role}-deployment`;
      return { name, text: deploymentYaml(change, { model, visible }) };
    }
    case 'packageModel': {
      const { environment, environmentVersion } = change;
      const text = packageYaml(`azureml:${environment}:${environmentVersion}`);
      return { name: 'package', text };
    }
    default:
      return undefined;
  }
}

/** `endpoint.yml`, `blue-deployment.yml`, `green-deployment.yml`; a second one of a name has a number. */
export function yamlFiles(changes: readonly Change[], visible?: readonly string[]): YamlFile[] {
  const { rollout, after } = scriptSteps(changes);
  const used = new Map<string, number>();
  return [...rollout, ...after].flatMap((step) => {
    const file = fileOf(step, visible);
    if (!file) return [];
    const count = (used.get(file.name) ?? 0) + 1;
    used.set(file.name, count);
    const name = `${file.name}${count === 1 ? '' : `-${count}`}.yml`;
    return [{ ...file, name, change: step.change }];
  });
}
