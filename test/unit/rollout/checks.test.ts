/** Checks of one's own: read from programs and servers, set against the plan's limits. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { connect as connectTcp, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connect } from '../../../src/azure/connect.js';
import type { Workspace } from '../../../src/azure/types.js';
import { hideSecretsIn } from '../../../src/common/hide-secrets.js';
import { readProofPlan } from '../../../src/interop/proof-plan.js';
import type { CheckAround } from '../../../src/rollout/checks/check.js';
import { checkVerdict, measure, type Measurement } from '../../../src/rollout/checks/measure.js';
import type { PlannedCheck } from '../../../src/rollout/checks/planned.js';
import { createAuthority } from '../../../src/sandbox/ca.js';
import { eventually } from '../../support/eventually.js';
import { isAlive } from '../../support/is-alive.js';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });
}

/** Nothing here signs in. */
let workspace: Workspace;
beforeAll(async () => {
  workspace = await connect({
    ...{ subscriptionId: 's', resourceGroup: 'g', workspaceName: 'w' },
    ...{ cloud: 'public', signIn: 'cli' },
  });
});
afterAll(() => workspace.close());

const around = (variables: CheckAround['variables'] = {}): CheckAround => ({
  names: {
    ...{ endpoint: 'heart', blue: 'default', green: 'x-8', weight: '10' },
    ...{ deployment: 'x-8', time: '2026-11-29T12:00:00.000Z' },
  },
  workspace,
  endpointId: '/subscriptions/s/e',
  ...{ at: Date.now(), agoMs: 0 },
  lagMs: 0,
  folder: process.cwd(),
  variables: { PATH: process.env['PATH'], ...variables },
  signal: new AbortController().signal,
});

const node = (script: string): string[] => [process.execPath, '-e', script];
const check = (settings: Partial<PlannedCheck>): PlannedCheck => ({
  name: 'orders',
  pass: '>= 12',
  fail: '< 10',
  ...settings,
});

describe('a command', () => {
  test.each([
    ['console.log(12.5)', undefined, { outcome: 'pass', value: 12.5 }],
    ['console.log(9)', undefined, { outcome: 'fail', value: 9 }],
    ['console.log(11)', undefined, { outcome: 'inconclusive', value: 11 }],
    ['console.log(JSON.stringify({a:[{b:"13"}]}))', 'a[0].b', { outcome: 'pass', value: 13 }],
  ])('%s', async (script, path, expected) => {
    const command = { argv: node(script), ...(path !== undefined && { path }) };
    expect(await measure(check({ command }), around())).toEqual(expected);
  });

  test('an exit code is a value where the plan says so', async () => {
    const exits = (code: number): PlannedCheck => ({
      name: 'smoke',
      command: { argv: node(`process.exit(${code})`), value: 'exitCode' },
    });
    expect(await measure(exits(0), around())).toEqual({ outcome: 'pass', value: 0 });
    expect(await measure(exits(3), around())).toEqual({ outcome: 'fail', value: 3 });
  });

  test('arguments are no shell, and may name the deployments', async () => {
    const argv = [...node('console.log(process.argv[1] === "$(x) x-8 10" ? 12 : 0)')];
    const command = { argv: [...argv, '$(x) ${green} ${weight}'] };
    expect(await measure(check({ command }), around())).toMatchObject({ value: 12 });
  });

  test.each([
    ['console.log("many")', 'The answer is neither a number nor JSON.'],
    ['console.log("{}")', 'The answer has no a.b.', 'a.b'],
    ['console.error("no table"); process.exit(2)', 'ended with code 2. no table'],
    ['setTimeout(() => {}, 60000)', 'did not end within 1 s.'],
    ['process.kill(process.pid, "SIGKILL")', 'was ended by SIGKILL.'],
    ['console.log("x".repeat(2 * 1024 * 1024))', 'printed more than 1 MB.'],
    ['', 'printed nothing.'],
  ])('%s is an error that says why', async (script, why, path?: string) => {
    const command = { argv: node(script), timeoutSeconds: 1, ...(path && { path }) };
    const found = await measure(check({ command }), around());
    expect(found).toMatchObject({ outcome: 'error' });
    expect('why' in found && found.why).toContain(why);
  });

  test.runIf(process.platform !== 'win32').each(['late', 'aborted'])(
    'that is %s takes what it started along',
    async (how) => {
      const folder = mkdtempSync(join(tmpdir(), 'hang-'));
      const file = join(folder, 'pid');
      const command = {
        argv: ['sh', '-c', 'sleep 600 & echo $! > "$0"; wait', file],
        timeoutSeconds: how === 'late' ? 1 : 60,
      };
      const stop = new AbortController();
      const measured = measure(check({ command }), { ...around(), signal: stop.signal });
      const outcome = measured.catch((error: unknown) => error);
      const pid = await eventually(() => {
        expect(readFileSync(file, 'utf8')).toMatch(/^\d+\n$/);
        return Number(readFileSync(file, 'utf8'));
      });
      expect(isAlive(pid)).toBe(true);
      if (how === 'aborted') stop.abort(new Error('left'));
      const why = 'sh did not end within 1 s.';
      expect(await outcome).toEqual(how === 'late' ? { outcome: 'error', why } : Error('left'));
      await eventually(() => expect(isAlive(pid)).toBe(false));
      rmSync(folder, { recursive: true });
    },
  );

  test('an argument may be a variable, whose value is never said', async () => {
    const argv = [...node('console.error(process.argv[1]); process.exit(process.argv[1].length)')];
    const command = { argv: [...argv, 'to=${WHO}'] };
    const found = await measure(check({ command }), around({ WHO: 'argsecret12345' }));
    expect(found).toEqual({
      outcome: 'error',
      why: `${process.execPath} ended with code 17. to=••••`,
    });
    expect(await measure(check({ command }), around())).toEqual({
      outcome: 'error',
      why: 'The environment variable WHO is not set.',
    });
  });

  test.each([
    ['by the shell', 'echo "to $MYV" >&2; exit 1', 'to ••••'],
    ['by itself', 'env | grep ^MYV= >&2; exit 1', 'MYV=••••'],
    ['of several lines, the last of which is kept', 'echo "$LINES_OF" >&2; exit 1', '••••'],
    ['one in another', 'echo "$LONGER" >&2; exit 1', '••••'],
    [
      'with a character of no width in it',
      'printf "to pl\\342\\200\\213ain" >&2; exit 1',
      'to ••••',
    ],
    ['in colour', 'printf "password\\033[0m=\\033[35mhunter2" >&2; exit 1', 'password=••••'],
    ['but not where it is and who runs it', 'echo "$HOME" >&2; exit 1', '/home/ada'],
  ])('a variable that is printed %s', async (_, script, said) => {
    const variables = {
      MYV: 'plain',
      LONGER: 'plainer words',
      LINES_OF: 'first part\nlast part\n',
      HOME: '/home/ada',
      'BASH_FUNC_a(%%': 'ended with code',
    };
    const found = await measure(
      check({ command: { argv: ['sh', '-c', script, 'ended with code'] } }),
      around(variables),
    );
    expect(found).toEqual({ outcome: 'error', why: `sh ended with code 1. ${said}` });
  });

  test('a program that is not there, and a secret that is printed', async () => {
    const gone = await measure(check({ command: { argv: ['no-such-program'] } }), around());
    expect(gone).toEqual({
      outcome: 'error',
      why: "no-such-program can't be started (ENOENT).",
    });
    const script = 'console.error("refused " + process.env.API_TOKEN); process.exit(1)';
    const told = await measure(
      check({ command: { argv: node(script) } }),
      around({ API_TOKEN: 'plain words' }),
    );
    expect(JSON.stringify(told)).toContain('refused ••••');
    expect(JSON.stringify(told)).not.toContain('plain words');
  });
});

describe('an address', () => {
  test('is asked with a header from the environment, and its JSON has the number', async () => {
    let seen: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      seen = [request.url, request.headers.authorization];
      response.end(JSON.stringify({ data: { rate: 0.5 } }));
    });
    const http = {
      url: `${url}/rate?of=\${green}&key=\${TOKEN}`,
      headers: { Authorization: 'Bearer ${TOKEN}' },
      path: 'data.rate',
    };
    const settings = check({ http, pass: '< 1', fail: '>= 1' });
    expect(await measure(settings, around())).toEqual({
      outcome: 'error',
      why: 'The environment variable TOKEN is not set.',
    });
    const read = await measure(settings, around({ TOKEN: 'abc' }));
    expect(read).toEqual({ outcome: 'pass', value: 0.5 });
    expect(seen).toEqual(['/rate?of=x-8&key=abc', 'Bearer abc']);
  });

  test('that refuses, redirects, or is not there is an error', async () => {
    const url = await serve((request, response) => {
      response.statusCode = request.url === '/away' ? 302 : 503;
      response.setHeader('location', 'http://127.0.0.1:1/');
      response.end();
    });
    const why = async (address: string): Promise<unknown> =>
      measure(check({ http: { url: address } }), around());
    expect(await why(`${url}/down`)).toMatchObject({
      outcome: 'error',
      why: expect.stringMatching(/answered 503/) as unknown,
    });
    expect(await why(`${url}/away`)).toMatchObject({
      why: expect.stringMatching(/302/) as unknown,
    });
    const gone = await serve(() => undefined);
    await new Promise((resolve) => servers.pop()?.close(resolve));
    expect(await why(gone)).toMatchObject({
      why: expect.stringMatching(
        /can't be reached: Nothing is listening there\. \(ECONNREFUSED\)$/,
      ) as unknown,
    });
  });
});

describe('an address behind the proxy of the connection', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aml-rollout-ca-'));
  const caFile = join(folder, 'ca.pem');
  const seen: string[] = [];
  let secure: TlsServer;
  let proxyUrl: string;

  beforeAll(async () => {
    const authority = await createAuthority();
    writeFileSync(caFile, authority.certPem);
    const { certPem: cert, keyPem: key } = await authority.leaf(['queue.example']);
    secure = createTlsServer({ cert, key }, (_, response) => response.end('7'));
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
  });
  beforeEach(async () => {
    seen.length = 0;
    proxyUrl = await serve((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      response.end('5');
    });
    servers[0]!.on('connect', (request: IncomingMessage, socket: Duplex) => {
      seen.push(`CONNECT ${request.url}`);
      if (request.url?.startsWith('closed')) return socket.end('HTTP/1.1 403 No\r\n\r\n');
      const upstream = connectTcp((secure.address() as AddressInfo).port, '127.0.0.1');
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      return upstream.pipe(socket).pipe(upstream);
    });
  });
  afterAll(() => {
    secure.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = async (url: string, ca: boolean) => {
    const connection = { subscriptionId: 's', resourceGroup: 'g', workspaceName: 'w', proxyUrl };
    const way = { ...connection, cloud: 'public', signIn: 'cli', ...(ca && { caFile }) } as const;
    const other = await connect(way);
    const settings = check({ http: { url }, pass: '> 0', fail: undefined });
    const found = await measure(settings, { ...around(), workspace: other });
    await other.close();
    return found;
  };

  test('is asked through it, without a tunnel where it is plain http', async () => {
    expect(await ask('http://queue.example:9090/n', true)).toEqual({ outcome: 'pass', value: 5 });
    expect(await ask('https://queue.example/n', true)).toEqual({ outcome: 'pass', value: 7 });
    expect(seen).toEqual(['GET http://queue.example:9090/n', 'CONNECT queue.example:443']);
  });

  test('is trusted by its certificate authorities only; a refusal of the proxy is said', async () => {
    const why = async (url: string, ca: boolean) => {
      const found = await ask(url, ca);
      return 'why' in found ? found.why : found.value;
    };
    expect(await why('https://queue.example/n', false)).toMatch(
      /^queue\.example can't be reached: The server’s certificate is not trusted\..*caFile/,
    );
    expect(await why('https://closed.example/n', true)).toMatch(
      /^closed\.example can't be reached: The proxy refused the connection with 403\./,
    );
  });
});

describe('Prometheus', () => {
  const answers = (data: unknown) =>
    serve((_, response) => response.end(JSON.stringify({ status: 'success', data })));
  const vector = (...values: string[]) => ({
    resultType: 'vector',
    result: values.map((value) => ({ metric: {}, value: [1, value] })),
  });

  test.each([
    [vector('12.5'), { outcome: 'pass', value: 12.5 }],
    [
      { resultType: 'scalar', result: [1, '9'] },
      { outcome: 'fail', value: 9 },
    ],
    [vector(), { outcome: 'error', why: 'The query has no result.' }],
    [
      vector('1', '2'),
      { outcome: 'error', why: 'The query has 2 results: aggregate them to one.' },
    ],
    [vector('NaN'), { outcome: 'error', why: 'The answer is not a number.' }],
    [{ resultType: 'string', result: [1, 'x'] }, { outcome: 'error' }],
  ])('%j', async (data, expected) => {
    const prometheus = { url: await answers(data), query: 'up' };
    expect(await measure(check({ prometheus }), around())).toMatchObject(expected);
  });

  test("'s own words on a bad query are the reason", async () => {
    const url = await serve((_, response) => {
      response.statusCode = 400;
      response.end(JSON.stringify({ status: 'error', error: '1:5: parse error: unclosed' }));
    });
    const found = await measure(check({ prometheus: { url, query: 'sum(' } }), around());
    expect('why' in found && found.why).toMatch(/ answered 400: 1:5: parse error: unclosed\.$/);
  });

  test('is asked for the query, with the names of the deployments', async () => {
    let asked: string | null = null;
    const url = await serve((request, response) => {
      asked = new URL(request.url ?? '', 'http://x').searchParams.get('query');
      response.end(JSON.stringify({ data: vector('1') }));
    });
    const prometheus = { url: `${url}/`, query: 'sum(rate(errors{deployment="${green}"}[5m]))' };
    await measure(check({ prometheus }), around());
    expect(asked).toBe('sum(rate(errors{deployment="x-8"}[5m]))');
  });
});

describe('a baseline', () => {
  const asked: string[] = [];
  const rates = () =>
    serve((request, response) => {
      asked.push(request.url ?? '');
      const is = (name: string) => request.url?.includes(name);
      if (is('gone')) response.statusCode = 503;
      response.end(is('default') ? '10' : is('idle') ? '0' : '12');
    });
  const of = async (baseline: PlannedCheck['baseline'], more: object = {}) => {
    const http = { url: `${await rates()}/rate?of=\${deployment}` };
    return check({ http, baseline, pass: '<= 1.1', fail: '> 1.5', ...more });
  };

  test('of blue is asked beside green, and the limits are of what lies between', async () => {
    const found = await measure(await of({ of: 'blue' }), around());
    expect(found).toEqual({ outcome: 'fail', value: 2, compared: { own: 12, base: 10 } });
    expect(asked.sort()).toEqual(['/rate?of=default', '/rate?of=x-8']);
    const ratio = await of({ of: 'blue', compare: 'ratio' });
    const second = await measure(ratio, around());
    expect(second).toEqual({
      outcome: 'inconclusive',
      value: 1.2,
      compared: { own: 12, base: 10 },
    });
    expect(checkVerdict(ratio, [second])).toMatchObject({
      ...{ blue: '10', green: '12', difference: '1.2x', limit: 'pass <= 1.1, fail > 1.5' },
      why: 'Check orders is 12 against 10 of blue, a ratio of 1.2, which neither passes nor fails (pass <= 1.1, fail > 1.5).',
    });
  });

  test('that is 0 has no ratio, and one that is not there is an error of its own', async () => {
    const names = (blue: string) => ({ ...around(), names: { ...around().names, blue } });
    expect(await measure(await of({ of: 'blue', compare: 'ratio' }), names('idle'))).toEqual({
      outcome: 'error',
      why: "Blue's number is 0, so there is no ratio: compare the difference.",
    });
    expect(await measure(await of({ of: 'blue' }), names('gone'))).toMatchObject({
      why: expect.stringMatching(/^Of blue: 127\.0\.0\.1:\d+ answered 503\.$/) as unknown,
    });
  });

  test('of the hour before asks Prometheus for that time', async () => {
    const at = Date.parse('2026-11-29T12:00:00Z');
    const url = await serve((request, response) => {
      const time = new URL(request.url ?? '', 'http://x').searchParams.get('time');
      asked.push(String(time));
      const value = [1, time === null ? '30' : '20'];
      const data = { resultType: 'vector', result: [{ metric: {}, value }] };
      response.end(JSON.stringify({ data }));
    });
    asked.length = 0;
    const settings = check({
      prometheus: { url, query: 'up' },
      baseline: { of: 'hour-before' },
      pass: '<= 5',
      fail: undefined,
    });
    const found = await measure(settings, { ...around(), at });
    expect(found).toMatchObject({ outcome: 'fail', value: 10, compared: { own: 30, base: 20 } });
    expect(asked.sort()).toEqual([String(at / 1000 - 3600), 'null']);
    expect(checkVerdict(settings, [found])).toMatchObject({
      ...{ blue: '', green: '30', difference: '10' },
      why: 'Check orders failed in 1 of 1 measurement: 10; now 30 against 20 an hour before, a difference of 10 (pass <= 5).',
    });
  });

  test('of the hour before says the time to an address', async () => {
    asked.length = 0;
    const http = { url: `${await rates()}/?until=\${time}` };
    const names = { ...around().names, time: '2026-11-29T12:00:00.000Z' };
    const at = Date.parse(names.time);
    const settings = check({ http, baseline: { of: 'hour-before' }, fail: '> 0' });
    await measure(settings, { ...around(), at, names });
    expect(asked.map(decodeURIComponent).sort()).toEqual([
      '/?until=2026-11-29T11:00:00.000Z',
      '/?until=2026-11-29T12:00:00.000Z',
    ]);
  });
});

describe('measurements', () => {
  const of = (...all: (number | string)[]): Measurement[] =>
    all.map((each) =>
      typeof each === 'string'
        ? { outcome: 'error', why: each }
        : {
            outcome: each < 10 ? 'fail' : each >= 12 ? 'pass' : 'inconclusive',
            value: each,
          },
    );
  const verdict = (settings: Partial<PlannedCheck>, ...all: (number | string)[]) =>
    checkVerdict(check({ command: { argv: ['x'] }, ...settings }), of(...all)).verdict;

  test('more failures than the limit fail, and fewer are let pass', () => {
    expect(verdict({}, 9)).toBe('fail');
    expect(verdict({ failureLimit: 1 }, 9, 12)).toBe('pass');
    expect(verdict({ failureLimit: 1 }, 9, 12, 9)).toBe('fail');
  });
  test('a pass takes the minimum sample', () => {
    expect(verdict({ minimumSample: 3 }, 12, 12)).toBe('inconclusive');
    expect(verdict({ minimumSample: 3 }, 12, 12, 12)).toBe('pass');
  });
  test('between the limits, and unread, is no pass', () => {
    expect(verdict({}, 11)).toBe('inconclusive');
    expect(verdict({}, 12, 'down')).toBe('error');
    expect(verdict({})).toBe('inconclusive');
    const { why } = checkVerdict(check({}), of('x:9090 answered 503.'));
    expect(why).toBe("Check orders can't be read: x:9090 answered 503.");
  });
});

describe('the mean of all measurements', () => {
  const ratio: Partial<PlannedCheck> = {
    judge: 'mean',
    baseline: { of: 'blue', compare: 'ratio' },
    ...{ pass: '<= 1.1', fail: '> 1.5', minimumSample: 5 },
  };
  const verdict = (settings: Partial<PlannedCheck>, values: readonly number[]) =>
    checkVerdict(
      check({ command: { argv: ['x'] }, ...settings }),
      values.map((value) => ({ outcome: 'fail', value })),
    );
  /** Around a value, by so much, in turns. */
  const around = (value: number, by: number, count: number) =>
    Array.from({ length: count }, (_, index) => value * by ** (index % 2 === 0 ? 1 : -1));

  test.each([
    ['inside its limit', 1, 1.05, 20, 'pass'],
    ['beyond it', 1.8, 1.05, 20, 'fail'],
    ['between them', 1.3, 1.05, 20, 'inconclusive'],
    ['of measurements that scatter widely', 1.8, 2, 20, 'inconclusive'],
    ['of too few', 1.8, 1.05, 4, 'inconclusive'],
  ] as const)('%s', (_, value, by, count, expected) => {
    expect(verdict(ratio, around(value, by, count)).verdict).toBe(expected);
  });

  test('says what the interval is, and a single measurement fails nothing', () => {
    const { why, difference, limit } = verdict(ratio, [...around(1, 1.02, 40), 1.6]);
    expect(why).toMatch(
      /^Check orders: the mean ratio to that of blue is 1\.01\d*, confidently from 0\.9\d* to 1\.0\d*, over 41 measurements \(pass <= 1\.1, fail > 1\.5\)\.$/,
    );
    expect(difference).toMatch(/^mean 1\.01\d*, 0\.9\d* to 1\.0\d*$/);
    expect(limit).toBe('pass <= 1.1, fail > 1.5');
  });

  test('of a ratio that is 0 can not be formed, and is an error', () => {
    expect(verdict(ratio, [1, 1, 0, 1, 1])).toMatchObject({
      verdict: 'error',
      why: expect.stringContaining('compare the difference') as unknown,
    });
  });

  test.each([
    ['>= 12', undefined, 13, 'pass'],
    ['>= 12', undefined, 11, 'fail'],
    [undefined, '< 10', 11, 'pass'],
    [undefined, '< 10', 9, 'fail'],
    [undefined, '< 10', 10, 'inconclusive'],
  ] as const)('with pass %s and fail %s, around %d: %s', (pass, fail, value, expected) => {
    const values = around(value, 1.01, 20);
    expect(verdict({ judge: 'mean', pass, fail }, values).verdict).toBe(expected);
  });

  test('looked at after every measurement, stops a harmless green in at most 5%', () => {
    const random = xoroshiro128plus(11);
    const next = () => 1 - uniformFloat64(random);
    const normal = () => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next());
    let stopped = 0;
    for (let run = 0; run < 300; run += 1) {
      // At the limit itself, which is the hardest of the harmless ones.
      const values = Array.from({ length: 40 }, () => 1.5 * Math.exp(0.3 * normal()));
      const fails = values.some(
        (_, index) => index >= 4 && verdict(ratio, values.slice(0, index + 1)).verdict === 'fail',
      );
      if (fails) stopped += 1;
    }
    expect(stopped).toBeLessThanOrEqual(15);
  });
});

describe('checks in a plan', () => {
  const read = (text: string) => readProofPlan(`checks: [${text}]`, 'plan.yml').plan.checks;
  const rest = "pass: '> 0', command: {argv: [a]}";

  test('are read', () => {
    const [first] = read(`{name: a, ${rest}, at: [hold], failureLimit: 2}`) ?? [];
    expect(first).toEqual({
      name: 'a',
      pass: '> 0',
      command: { argv: ['a'] },
      at: ['hold'],
      failureLimit: 2,
    });
  });

  test.each([
    [`{name: a, pass: '> 0'}`, 'name one of command, http, prometheus, monitor, logs'],
    [`{name: a, ${rest}, http: {url: 'http://x'}}`, 'name one of command'],
    [`{name: a, command: {argv: [a]}}`, 'give pass or fail'],
    [`{name: a, pass: 'more', command: {argv: [a]}}`, 'use a condition'],
    [`{name: a, ${rest}}, {name: b, ${rest}}, {name: A, ${rest}}`, 'checks.2.name: two checks'],
    [`{name: a, ${rest}, at: [later]}`, 'use before, hold or retire'],
    [`{name: a, ${rest}, delaySeconds: 300}`, 'the hold at 10% is over after 5 min'],
    [`{name: a, pass: '> 0', http: {url: 'http://u:p@x/'}}`, 'without a password'],
    [`{name: a, ${rest}, baseline: {of: blue}}`, 'write ${deployment} where'],
    [`{name: a, ${rest}, baseline: {of: hour-before}}`, 'write ${time} where'],
    [`{name: a, ${rest}, baseline: {of: green}}`, 'use blue or hour-before'],
    [
      `{name: a, command: {argv: ['\${deployment}'], value: exitCode}, baseline: {of: blue}}`,
      'an exit code has no baseline',
    ],
    [`{name: a, pass: '== 0', command: {argv: [a]}, judge: mean}`, 'a mean needs limits with <'],
    [`{name: a, command: {argv: [a], value: exitCode}, judge: mean}`, 'a mean needs limits'],
    [`{name: a, ${rest}, judge: mean, failureLimit: 1}`, 'no single measurement fails'],
    [`{name: a, ${rest}, judge: mean, minimumSample: 2}`, 'a mean needs at least 5'],
    [`{name: a, ${rest}, judge: median}`, 'use each or mean'],
    [
      `{name: a, pass: '> 0', judge: mean, prometheus: {url: 'http://x', query: 'sum(rate(a[5m]))'}}`,
      'use at least 300 for a mean',
    ],
    [`{name: a, pass: '> 0', judge: mean, monitor: {metric: a}}`, 'use at least 300 for a mean'],
    [`{name: a, pass: '> 0', logs: {query: a}}`, 'name either workspace or resource'],
    [`{name: a, pass: '> 0', logs: {query: a, workspace: a}}`, 'a GUID'],
    [`{name: a, pass: '> 0', monitor: {metric: a, resource: a}}`, '/subscriptions/'],
    [
      `{name: a, pass: '> 0', monitor: {metric: a, grainMinutes: 30}}`,
      'use no more minutes than the window has',
    ],
    [
      `{name: a, pass: '> 0', http: {url: 'http://x', headers: {Authorization: Bearer abc}}}`,
      'write its value as an environment variable',
    ],
    [
      `{name: a, pass: '> 0', http: {url: 'http://x', headers: {Authorization: 'Bearer realsecret \${X}'}}}`,
      'write its value as an environment variable',
    ],
    [
      `{name: a, pass: '> 0', prometheus: {url: 'http://x', query: up, headers: {x-whatever: abc}}}`,
      'headers.x-whatever: write its value as an environment variable',
    ],
    [
      `{name: a, pass: '> 0', http: {url: 'http://x', headers: {Accept: 'a; token=abc'}}}`,
      'headers.Accept: write its value as an environment variable',
    ],
    [
      `{name: a, pass: '> 0', http: {url: 'http://x/y?api_key=abc'}}`,
      'url: write its secret as an environment variable: ${NAME}',
    ],
    [
      `{name: a, pass: '> 0', command: {argv: [ask, '--token=argsecret12345']}}`,
      'argv.1: write its secret as an environment variable: ${NAME}',
    ],
    [
      `{name: a, pass: '> 0', command: {argv: [ask, --password, abc]}}`,
      'argv.2: write its secret as an environment variable: ${NAME}',
    ],
    [
      `{name: a, pass: '> 0', command: {argv: [curl, -u, 'bob:abc', 'https://x']}}`,
      'argv.2: write its secret as an environment variable: ${NAME}',
    ],
    [
      `{name: a, pass: '> 0', command: {argv: [sh, -c, 'curl -u bob:abc https://x']}}`,
      'argv.2: write its secret as an environment variable: ${NAME}',
    ],
    [
      `{name: a, pass: '> 0', command: {argv: [sh, -c, 'ask --password "abc" x']}}`,
      'argv.2: write its secret as an environment variable: ${NAME}',
    ],
    [
      `{name: a, pass: '> 0', command: {argv: [mysql, -uroot, -pabc, -e, select 1]}}`,
      'argv.2: write its secret as an environment variable: ${NAME}',
    ],
    [
      `{name: a, pass: '> 0', command: {argv: [sudo, docker, login, -u, bob, -p, abc, x.io]}}`,
      'argv.6: write its secret as an environment variable: ${NAME}',
    ],
    [
      `{name: a, pass: '> 0', command: {argv: [curl, -u, 'bob smith:abc', 'https://x']}}`,
      'argv.2: write its secret as an environment variable: ${NAME}',
    ],
  ])('%s is refused', (text, sentence) => {
    expect(() => read(text)).toThrow(sentence);
  });

  test('names of variables are taken where a secret goes, and kept as they are', () => {
    const checks =
      read(`{name: a, pass: '> 0', command: {argv: [ask, '--token=\${T}', --password, '\${P}', -u, 'bob:\${P}']}},
  {name: b, pass: '> 0', http: {url: 'http://x/y?api_key=\${K}&token=\${T}', headers: {Authorization: 'Bearer \${T}', x-tenant: '\${T}', Accept: text/plain}}}`);
    expect(checks).toHaveLength(2);
    expect(hideSecretsIn(checks)).toEqual(checks);
  });
});
