/** The moves of a plan that send rows while green has no traffic, and ask the gates. */
import { differingRows, testResult } from '../evidence/compare.js';
import { judge } from '../evidence/gates/judge.js';
import { mostInFlight } from '../evidence/in-flight.js';
import { meaningOf } from '../evidence/output/meaning.js';
import { signatureChange } from '../evidence/model-signatures.js';
import { replay, type RowAnswers } from '../evidence/replay.js';
import { proofAt } from '../plan/proof.js';
import { end, type Differing } from './events.js';
import type { Move } from './next-move.js';
import { prove, type Proof } from './prove.js';
import type { Session } from './context.js';
import { failures, journal, overridden, tell, whys } from './verdicts.js';

type Of<K extends Move['do']> = Extract<Move, { do: K }>;

/** Enough to see that blue answers at all. */
const TEST_ROWS = 5;
const TEST_TRIES = 3;
const TEST_PAUSE_MS = 5_000;
/** Differing rows that are shown; the journal has the numbers of all. */
const SHOWN = 10;

/** Does the first deployment answer, through the endpoint's own traffic rules? */
export async function test(session: Session): Promise<void> {
  const { engine, plan, clock, signal, emit } = session.options;
  const { model } = session.deployment(plan.blue?.name ?? engine.roles.roles.blue ?? '');
  const { rows, csv, target } = await session.rows(TEST_ROWS, model);
  const meaning = meaningOf(plan.evidence, target);
  for (let attempt = 1; ; attempt += 1) {
    const { rows: answered, stopped } = await replay({
      workspace: engine.workspace,
      endpoint: session.endpoint,
      rows,
      deployments: [],
      seed: csv.seed,
      runId: session.runId,
      signal,
    });
    signal.throwIfAborted();
    if (stopped === 'sign-in') throw end('access', 'The endpoint refused the key or token (401).');
    const result = testResult('test', csv, answered, [], { meaning });
    const bad = answered.find((row) => Object.values(row.answers).some((answer) => !answer.ok));
    if (bad && attempt < TEST_TRIES) {
      // A first deployment may be live a moment before it answers.
      await clock.delay(TEST_PAUSE_MS, signal);
      continue;
    }
    engine.tested(result);
    emit({ event: 'tested', result });
    session.progress.tested = true;
    const why = Object.values(bad?.answers ?? {})[0]?.message;
    if (bad) {
      throw end(
        'stopped',
        `Row ${bad.row} of the test was not answered: ${why ?? 'no reason given'}`,
      );
    }
    return;
  }
}

/** The models' signatures, before a deployment is paid for. */
export async function checkContract(
  session: Session,
  { blue }: Of<'check-contract'>,
): Promise<void> {
  const { plan } = session.options;
  const { greenModel = '' } = session.progress;
  const signature = await signatureChange(blue.model, greenModel, (each) =>
    session.signature(each),
  );
  const { gates } = proofAt(plan, 0);
  const evidence = { rows: [], blue: blue.name, green: plan.green.name, signature };
  const verdicts = judge(evidence, gates);
  if (signature.unknown) {
    session.note('One of the models has no signature: the contract is known from answers only.');
  } else tell(session, 'contract', 0, verdicts);
  const failed = failures(verdicts);
  if (failed.length > 0 && !overridden(session, 'prove', 0, verdicts, 'stop')) {
    journal(session, 'prove', 0, verdicts, 'stop');
    throw end(
      'stopped',
      `The contract is broken, so ${plan.green.name} is not deployed.`,
      ...whys(failed),
    );
  }
  session.progress.contract = true;
}

/** The same rows to both, and what the gates say of them. */
export async function proveGreen(session: Session, { blue, green }: Of<'prove'>): Promise<void> {
  const { engine, plan, clock, signal, emit } = session.options;
  const { evidence } = plan;
  if (!evidence) return;
  const [live, fresh] = [session.deployment(blue), session.deployment(green)];
  const { model } = fresh;
  const { gates } = proofAt(plan, 0);
  const drawn = await session.rows(evidence.rows, model);
  const { path, target, csv } = drawn;
  const { rows, seed, inFlight: wanted = 1 } = evidence;
  const inFlight = Math.min(wanted, mostInFlight(live, fresh));
  if (inFlight < wanted) {
    session.note(
      `${inFlight} of the plan's ${wanted} rows are sent at once: the smaller deployment takes no more.`,
    );
  }
  engine.choose({ csv: { path, rows, seed, ...(target !== undefined && { target }) } });
  const proof = await prove({
    workspace: engine.workspace,
    endpoint: session.endpoint,
    blue,
    green,
    gates,
    planned: rows,
    seed,
    draw: async (count) => (await session.rows(count, model)).rows,
    signature: await signatureChange(live.model, model, (each) => session.signature(each)),
    meaning: meaningOf(evidence, target, gates.numbers),
    inFlight,
    runId: session.runId,
    clock,
    signal,
    emit,
  });
  const result = testResult('prove', csv, unique(proof.rows), [blue, green], proof.evidence);
  engine.tested(result);
  emit({ event: 'tested', result });
  tell(session, 'prove', 0, proof.verdicts);
  showDiffering(session, proof);
  const { decision } = proof;
  if (decision.do === 'promote') journal(session, 'prove', 0, proof.verdicts, 'promote');
  else if (!overridden(session, 'prove', 0, proof.verdicts, decision.do)) {
    journal(session, 'prove', 0, proof.verdicts, decision.do);
    const stopped = decision.do === 'stop';
    throw end(
      stopped ? 'stopped' : 'held',
      stopped
        ? `A gate failed: ${green} gets no traffic.`
        : `Not proved: ${green} gets no traffic.`,
      ...whys(decision.because),
    );
  }
  session.progress.proved = true;
}

/** Rows that were sent again count once. */
function unique(rows: readonly RowAnswers[]): RowAnswers[] {
  const seen = new Set<number>();
  return rows.filter(({ row }) => !seen.has(row) && seen.add(row));
}

function showDiffering(session: Session, proof: Proof): void {
  const found = differingRows(proof.evidence);
  if (found.length === 0) return;
  const rows = found.slice(0, SHOWN).map((each): Differing => {
    const { row, rightOne } = each;
    const right =
      rightOne === 'blue' ? 'live' : rightOne === 'green' ? 'new' : (rightOne ?? undefined);
    return {
      row,
      live: each.text.blue,
      new: each.text.green,
      ...(right && { right }),
    };
  });
  session.options.emit({ event: 'differing', total: found.length, rows });
}
