/** What a load check says, by simple limits: it asks whether green carries a rate, not how it compares. */
import { grouped, rowsOf } from '../../common/counts.js';
import { decision } from './gates/decision.js';
import { DEFAULT_GATES, type Gates } from './gates/settings.js';
import { measuredRates } from './gates/measured.js';
import { counted, millis, percent } from './gates/text.js';
import type { Verdict } from './gates/verdict.js';
import type { JudgedProof } from './judge-proof.js';
import type { LoadSeen } from './load-check.js';
import type { GateOutcome } from './gates/gate.js';

/** With less of the planned requests sent, the rate was not reached. */
const REACHED = 0.9;

/** `30 of 30 requests at 60 a minute: p50 12 ms, p95 30 ms`. */
export function loadText({ sent, requests, perMinute, p50Ms, p95Ms }: LoadSeen): string {
  const times =
    p50Ms === undefined || p95Ms === undefined
      ? 'no request succeeded'
      : `p50 ${millis(p50Ms)}, p95 ${millis(p95Ms)}`;
  return `${grouped(sent)} of ${rowsOf(requests, 'request')} at ${grouped(perMinute)} a minute: ${times}`;
}

export function judgeLoad(load: LoadSeen, gates: Gates = DEFAULT_GATES): JudgedProof {
  const verdicts = [errors(load, gates), capacity(load, gates)].filter(
    ({ mode }) => mode !== 'off',
  );
  const enforced = verdicts.some(({ mode }) => mode === 'enforce');
  return { verdicts, decision: enforced ? decision(verdicts) : { do: 'promote' } };
}

/** Requests that say something of the deployment. */
const told = ({ ok, errors: failed, busy }: LoadSeen): number => ok + failed + busy;

const over = (hits: number, of: number, limit: number): GateOutcome =>
  of === 0 ? 'error' : hits / of > limit ? 'fail' : 'pass';

const measuredOf = (hits: number, of: number, limit: number) =>
  of > 0 && {
    measured: measuredRates({ green: { hits, of } }, { difference: hits / of, limit }),
  };

const NOTHING = 'No request was answered: all ended at sign-in or the network.';

function errors(load: LoadSeen, gates: Gates): Verdict {
  const { mode, margin } = gates.errors;
  const of = told(load);
  const verdict = over(load.errors, of, margin);
  return {
    gate: 'errors',
    mode,
    verdict,
    blue: '',
    green: counted(load.errors, of),
    difference: of === 0 ? 'n/a' : percent(load.errors / of),
    limit: percent(margin),
    ...measuredOf(load.errors, of, margin),
    why:
      of === 0
        ? NOTHING
        : `Under load, green failed on ${grouped(load.errors)} of ${rowsOf(of, 'request')} at ${grouped(load.perMinute)} a minute.`,
  };
}

function capacity(load: LoadSeen, gates: Gates): Verdict {
  const { mode, limit } = gates.capacity;
  const of = told(load);
  const { busy, sent, requests, perMinute } = load;
  const judged = over(busy, of, limit);
  const short = judged === 'pass' && sent < REACHED * requests;
  const size = judged === 'fail' ? ': it needs more instances' : '';
  return {
    gate: 'capacity',
    mode,
    verdict: short ? 'inconclusive' : judged,
    blue: '',
    green: counted(busy, of),
    difference: of === 0 ? 'n/a' : percent(busy / of),
    limit: percent(limit),
    ...measuredOf(busy, of, limit),
    why:
      of === 0
        ? NOTHING
        : short
          ? `Only ${grouped(sent)} of ${rowsOf(requests, 'request')} could be sent in time: green answers too slowly for ${grouped(perMinute)} a minute.`
          : `Under load, green turned away ${grouped(busy)} of ${rowsOf(of, 'request')} at ${grouped(perMinute)} a minute${size}.`,
  };
}
