import { describe, expect, it } from 'vitest';
import { judgeEnvironment } from '../../../src/sandbox/scoring/container-env.js';

const SERVER = ['azureml-inference-server-http', 'azureml-ai-monitoring'];
const verdict = (python: string, mlflow: string, others = SERVER, requirements?: string) =>
  judgeEnvironment(
    `dependencies:\n- ${python}\n- pip\n- pip:\n${[mlflow, ...others].map((one) => `  - ${one}\n`).join('')}`,
    requirements,
  )?.kind;

describe('the environment of a container', () => {
  it.each([
    ['mlflow==2.16.2', undefined],
    ['mlflow==3.6.0', undefined],
    ['mlflow<3', undefined],
    ['mlflow<3.7', undefined],
    ['mlflow>=2, <3', undefined],
    ['mlflow~=2.16', undefined],
    ['mlflow~=3.6.0', undefined],
    ['mlflow==3.6.*', undefined],
    ['MLflow-Skinny==2.22.5', undefined],
    ['mlflow[extras]==2.22.5 ; python_version>"3"', undefined],
    ['mlflow', 'crash'],
    ['mlflow>=2.1', 'crash'],
    ['mlflow==3.7.0', 'crash'],
    ['mlflow<=3.7', 'crash'],
    ['mlflow~=3.1', 'crash'],
    ['mlflow<4', 'crash'],
    ['mlflow-export-import==1.0', 'crash'],
  ])('with %s: %s', (mlflow, expected) => {
    expect(verdict('python=3.11', mlflow)).toBe(expected);
  });

  it.each([
    ['python=3.7.15', 'image-build'],
    ['python=3.7', 'image-build'],
    ['python<3.8', 'image-build'],
    ['conda-forge::python=2.7', 'image-build'],
    ['python=3.8.13', undefined],
    ['python=3.11', undefined],
    ['python', undefined],
  ])('with %s: %s', (python, expected) => {
    expect(verdict(python, 'mlflow<3')).toBe(expected);
  });

  it('wants the server and the monitoring package, as pip or through a requirements file', () => {
    expect(verdict('python=3.11', 'mlflow<3', SERVER.slice(0, 1))).toBe('crash');
    expect(verdict('python=3.11', 'mlflow<3', SERVER.slice(1))).toBe('crash');
    expect(
      verdict('python=3.11', 'mlflow<3', ['azureml-defaults', 'azureml_ai_monitoring']),
    ).toBeUndefined();
    expect(
      verdict('python=3.11', '-r requirements.txt', [], `mlflow<3\n${SERVER.join('\n')}\n`),
    ).toBeUndefined();
  });

  it('does not build from what is no YAML, and needs mlflow', () => {
    expect(judgeEnvironment('a: [', undefined)?.kind).toBe('image-build');
    expect(judgeEnvironment('name: m\n', undefined)?.log.join()).toContain(
      "No module named 'mlflow'",
    );
  });
});
