/** The models' signatures, before a deployment is paid for. */
import { judge } from '../evidence/gates/judge.js';
import { signatureChange } from '../evidence/model-signatures.js';
import { proofAt } from '../plan/proof.js';
import { isOfThisSession, type Facts } from './facts.js';
import { notPassed } from './judged.js';
import { doMove, waitFor, type MoveKind } from './move.js';

export const checkContractMove = {
  id: 'check-contract',
  momentary: true,
  title: () => "Compare the models' signatures",

  when(facts: Facts) {
    const { plan, view, session, blue, green, greenWeight } = facts;
    if (!plan.green || !blue || green || greenWeight > 0 || session.contract) return undefined;
    const last = view.judgements.findLast(
      ({ stage, deployment }) => stage === 'prove' && deployment === plan.green?.name,
    );
    if (last && isOfThisSession(facts, last)) {
      if (last.override !== undefined) return undefined;
      const { stage, decision } = last;
      const verdicts = notPassed(last.verdicts);
      return waitFor({ for: 'reason', stage, weight: 0, decision, verdicts });
    }
    return doMove({ id: 'check-contract', blue });
  },

  async perform({ blue }, context) {
    const { plan, memory } = context;
    const green = plan.green?.name ?? '';
    const signature = await signatureChange(blue.model, memory.greenModel ?? '', (each) =>
      context.signature(each),
    );
    const { gates } = proofAt(plan, 0);
    const verdicts = judge({ rows: [], blue: blue.name, green, signature }, gates);
    if (signature.unknown) {
      context.note('One of the models has no signature: only answers can show the contract.');
    }
    const failed = verdicts.some(({ mode, verdict }) => mode === 'enforce' && verdict === 'fail');
    if (failed) return context.judge('prove', 0, verdicts, 'stop');
    memory.contract = true;
    if (signature.unknown) return;
    for (const verdict of verdicts) {
      context.emit({ event: 'verdict', stage: 'contract', weight: 0, verdict });
    }
  },
} satisfies MoveKind<'check-contract'>;
