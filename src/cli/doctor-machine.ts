/** What of this machine a rollout depends on; nothing is sent, and nothing written. */
import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { proxySettings } from '../azure/proxy-settings.js';
import { paths } from '../profiles/paths.js';
import { profileSchema } from '../profiles/profile.js';
import { readTextSync } from '../common/read-text.js';
import { hideSecrets } from '../common/hide-secrets.js';
import { isInteractive, wantsScreenReader } from '../terminal/environment.js';
import { wantsAscii } from '../terminal/glyphs.js';
import { isTooSmall, SMALLEST } from '../terminal/size.js';
import type { PreflightFinding } from '../rollout/preflight/finding.js';

/** `engines` of package.json. */
const OLDEST_NODE = [20, 19] as const;

export function machineFindings(): { findings: PreflightFinding[]; settingsReadable: boolean } {
  const settings = settingsFinding(join(paths().config, 'config.json'));
  return {
    findings: [node(process.versions.node), terminal(), settings, stateFolder(), ...network()],
    settingsReadable: settings.state === 'ok',
  };
}

function node(version: string): PreflightFinding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [needMajor, needMinor] = OLDEST_NODE;
  const enough = major > needMajor || (major === needMajor && minor >= needMinor);
  return enough
    ? { state: 'ok', what: 'node', detail: version }
    : {
        state: 'fail',
        what: 'node',
        detail: `${version} is too old.`,
        advice: `Install Node ${needMajor}.${needMinor} or newer.`,
      };
}

function terminal(): PreflightFinding {
  const what = 'terminal';
  if (!isInteractive()) {
    return {
      state: 'warn',
      what,
      detail: 'none: standard input or output is not a terminal.',
      advice: 'The wizard needs one; the other commands do not.',
    };
  }
  const { columns, rows } = process.stdout;
  const noColor = Boolean(process.env['NO_COLOR']);
  const detail = [
    `${columns} x ${rows}`,
    noColor ? 'no colours (NO_COLOR)' : `${2 ** process.stdout.getColorDepth()} colours`,
    wantsAscii() ? 'ASCII' : 'Unicode',
    ...(wantsScreenReader() ? ['screen reader'] : []),
  ].join(', ');
  const small = isTooSmall({ columns, rows });
  return small
    ? {
        state: 'warn',
        what,
        detail,
        advice: `The wizard needs ${SMALLEST.columns} x ${SMALLEST.rows}: enlarge the window.`,
      }
    : { state: 'ok', what, detail };
}

/** Reads the file itself: the store would set a broken one aside. */
function settingsFinding(path: string): PreflightFinding {
  const what = 'settings';
  const broken = (why: string): PreflightFinding => ({
    state: 'fail',
    what,
    detail: `${path} ${why}`,
    advice:
      'Fix or move it. The next command that reads it keeps a copy and starts without the unreadable part.',
  });
  if (!existsSync(path)) return { state: 'ok', what, detail: 'none saved yet' };
  let profiles: unknown;
  try {
    const value: unknown = JSON.parse(readTextSync(path));
    profiles = (value as { profiles?: unknown } | null)?.profiles ?? [];
  } catch (error) {
    return broken(error instanceof SyntaxError ? 'is not valid JSON.' : "can't be read.");
  }
  if (!Array.isArray(profiles)) return broken('holds no list of profiles.');
  const bad = profiles.filter((each) => !profileSchema.safeParse(each).success).length;
  return bad === 0
    ? { state: 'ok', what, detail: `${path}, profiles: ${profiles.length}` }
    : broken(`holds ${bad} of ${profiles.length} profiles that can't be read.`);
}

function stateFolder(): PreflightFinding {
  const { state } = paths();
  let there = state;
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there);
  try {
    accessSync(there, constants.W_OK);
    return { state: 'ok', what: 'journals', detail: state };
  } catch {
    return {
      state: 'fail',
      what: 'journals',
      detail: `${state} can't be written.`,
      advice: 'Make it writable, or name another folder in AML_ROLLOUT_HOME.',
    };
  }
}

/** Of the environment; a profile's own proxy and certificates come with the workspace. */
function network(): PreflightFinding[] {
  const findings: PreflightFinding[] = [];
  const proxy = proxySettings(undefined);
  if (proxy) {
    findings.push(
      URL.canParse(proxy.url)
        ? { state: 'ok', what: 'proxy', detail: `${hideSecrets(proxy.url)} (environment)` }
        : {
            state: 'fail',
            what: 'proxy',
            detail: 'HTTPS_PROXY is not a URL.',
            advice: 'Write it as http://host:port.',
          },
    );
  }
  const extra = process.env['NODE_EXTRA_CA_CERTS'];
  if (extra) findings.push(caFinding(extra, 'NODE_EXTRA_CA_CERTS'));
  if (process.env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    findings.push({
      state: 'warn',
      what: 'tls',
      detail: 'NODE_TLS_REJECT_UNAUTHORIZED=0: certificates are not checked.',
      advice: "Unset it, and name your company's CA file in the profile instead.",
    });
  }
  return findings;
}

export function caFinding(path: string, from: string): PreflightFinding {
  const what = 'CA file';
  try {
    const count = readTextSync(path).split('-----BEGIN CERTIFICATE-----').length - 1;
    if (count > 0)
      return { state: 'ok', what, detail: `${path}, certificates: ${count} (${from})` };
  } catch {
    return {
      state: 'fail',
      what,
      detail: `${path} can't be read (${from}).`,
      advice: 'Correct the path, or ask who inspects TLS for the file.',
    };
  }
  return {
    state: 'fail',
    what,
    detail: `${path} holds no certificate in PEM form (${from}).`,
    advice: 'Export it as PEM (Base-64).',
  };
}
