/**
 * A load test of green alone that one machine is too small for, as files of engines that exist: a Locust file, its
 * payloads, and the configuration with which Azure Load Testing runs them.
 * Sources: Microsoft's "Configure a load test in YAML" (Azure Load Testing) for the keys, "Configuration" of Locust's
 * documentation for the variables that begin with LOCUST_.
 */
import { stringifyJson } from '../common/exact-numbers.js';
import type { ExportedFile } from './export.js';
import { pythonLiteral as literal } from './python-literal.js';
import { comment } from './script.js';
import { yamlText } from './yaml-text.js';

interface LoadTest {
  endpoint: string;
  /** Where requests go. */
  scoringUri: string;
  green: string;
  /** Green's next traffic weight in percent. */
  weight: number;
  /** Requests a minute to green. */
  perMinute: number;
  minutes: number;
  /** Request bodies, sent in turn. */
  bodies: readonly unknown[];
}

/** Of the environment variable, and of the secret in Azure Load Testing. */
const KEY = 'ENDPOINT_KEY';
/** Virtual users that Azure Load Testing recommends for one engine at most. */
const USERS_OF_AN_ENGINE = 250;
/** Seconds that an answer may take before the users are too few for the rate. */
const SLOWEST_SECONDS = 2;
/** Fewer requests than this part of the rate prove nothing. */
const REACHED = 0.9;
const SCRIPT = 'locustfile.py';
const PAYLOADS = 'payloads.jsonl';

/** The files, to be written beside each other. */
export function loadTestFiles(test: LoadTest): ExportedFile[] {
  const bodies = test.bodies.map((body) =>
    typeof body === 'string' ? body : (stringifyJson(body) ?? 'null'),
  );
  return [
    { what: 'load test', name: SCRIPT, text: locustFile(test) },
    {
      what: 'its payloads',
      name: PAYLOADS,
      text: bodies.map((body) => `${body.replaceAll(/[\r\n]/g, ' ')}\n`).join(''),
      holdsCells: true,
    },
    { what: 'for Azure', name: 'load-test.yml', text: azureConfiguration(test) },
  ];
}

const perSecond = ({ perMinute }: LoadTest): number => Math.round((perMinute / 60) * 1000) / 1000;

function sizeOf(test: LoadTest): { engines: number; users: number } {
  const all = Math.max(2, Math.ceil(perSecond(test) * SLOWEST_SECONDS));
  const engines = Math.ceil(all / USERS_OF_AN_ENGINE);
  return { engines, users: Math.ceil(all / engines) };
}

function locustFile(test: LoadTest): string {
  const { endpoint, scoringUri, green, weight, perMinute, minutes } = test;
  const { engines, users } = sizeOf(test);
  const { origin, pathname, search } = new URL(scoringUri);
  return `${[
    comment(`Load on deployment ${green} of endpoint ${endpoint} alone, as ${weight}% of the live`),
    comment(`traffic brings: ${perMinute} requests a minute. It gets no live traffic by this.`),
    '#',
    '#     pip install locust',
    `#     export ${KEY}=...    # a key of the endpoint, or a token`,
    `#     locust -f ${SCRIPT} --headless --users ${users} --spawn-rate ${users} --run-time ${minutes}m`,
    '#',
    '# Locust ends with code 1 where a request failed.',
    'import itertools',
    'import os',
    'import pathlib',
    'import sys',
    '',
    'from locust import HttpUser, constant_pacing, task',
    '',
    `DEPLOYMENT = ${literal(green)}`,
    '# Of all engines together, and how many engines there are.',
    `REQUESTS_PER_SECOND = ${literal(perSecond(test))}`,
    `ENGINES = ${literal(engines)}`,
    '',
    `if not os.environ.get(${literal(KEY)}):`,
    `    sys.exit(${literal(`Set ${KEY} to a key of the endpoint, or to a token.`)})`,
    'HEADERS = {',
    `    "Authorization": "Bearer " + os.environ[${literal(KEY)}],`,
    '    "Content-Type": "application/json",',
    '    # Without it, the split decides who answers.',
    '    "azureml-model-deployment": DEPLOYMENT,',
    '}',
    `BODIES = pathlib.Path(__file__).with_name(${literal(PAYLOADS)}).read_bytes().split(b"\\n")`,
    'PAYLOADS = itertools.cycle([body for body in BODIES if body])',
    '',
    '',
    'class Requests(HttpUser):',
    `    host = ${literal(origin)}`,
    '',
    '    def on_start(self):',
    '        # Locust ignores HTTPS_PROXY and REQUESTS_CA_BUNDLE by default.',
    '        self.client.trust_env = True',
    '',
    '    def wait_time(self):',
    '        # However many users there are, together they keep the rate.',
    '        users = self.environment.runner.target_user_count or 1',
    '        return constant_pacing(users * ENGINES / REQUESTS_PER_SECOND)(self)',
    '',
    '    @task',
    '    def score(self):',
    '        with self.client.post(',
    `            ${literal(pathname + search)},`,
    '            data=next(PAYLOADS),',
    '            headers=HEADERS,',
    '            name="score",',
    '            catch_response=True,',
    '        ) as answer:',
    '            served = answer.headers.get("azureml-model-deployment", DEPLOYMENT)',
    '            if answer.status_code == 200 and served != DEPLOYMENT:',
    '                answer.failure(f"{served} answered in place of {DEPLOYMENT}")',
  ].join('\n')}\n`;
}

function azureConfiguration(test: LoadTest): string {
  const { endpoint, green, weight, perMinute, minutes } = test;
  const { engines, users } = sizeOf(test);
  const id = `${endpoint}-${green}`.toLowerCase().replaceAll(/[^a-z0-9_-]/g, '-');
  const least = Math.floor(perSecond(test) * REACHED * 100) / 100;
  const yaml = yamlText({
    version: 'v0.1',
    testId: id.slice(0, 50),
    displayName: `${endpoint}: ${green} at ${weight}%`.slice(0, 100),
    description: `${perMinute} requests a minute to one deployment, which gets no live traffic by it`,
    testType: 'Locust',
    testPlan: SCRIPT,
    engineInstances: engines,
    configurationFiles: [PAYLOADS],
    failureCriteria: [
      'percentage(error) > 1',
      // Two decimal places is all that it takes.
      ...(least > 0 ? [`avg(requests_per_sec) < ${least}`] : []),
    ],
    autoStop: { errorPercentage: 50, timeWindow: 60 },
    env: [
      { name: 'LOCUST_USERS', value: String(users) },
      { name: 'LOCUST_SPAWN_RATE', value: String(users) },
      { name: 'LOCUST_RUN_TIME', value: `${minutes}m` },
    ],
    secrets: [{ name: KEY, value: `https://YOUR-VAULT.vault.azure.net/secrets/${KEY}` }],
  });
  return [
    '# A test configuration of Azure Load Testing: az load test create --load-test-config-file load-test.yml ...',
    '# Put a key of the endpoint into a key vault and its identifier below, or leave `secrets` out and pass',
    `# ${KEY} as a secret of the pipeline's task.`,
    yaml,
  ].join('\n');
}
