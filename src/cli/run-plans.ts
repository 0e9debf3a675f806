/** `aml-rollout run A B C`: several plans in order, up to the first that does not end well. */
import { carryPlan } from './carry-plan.js';
import type { Run } from './command-run.js';
import { CommandError, ending } from './errors.js';
import { CODE } from './exit-codes.js';
import { checkFiles, readPlan } from './plan-argument.js';
import type { RunFlags } from './run.js';

export async function runPlans(
  plans: readonly string[],
  flags: RunFlags,
  sandboxArgs: readonly string[],
  run: Run,
): Promise<number> {
  const { out } = run;
  if (flags.approve !== undefined || flags.override !== undefined) {
    const option = flags.approve === undefined ? '--override' : '--approve';
    throw new CommandError(`${option} applies to one plan only: run that plan alone.`);
  }
  // What is wrong with the last one is better known before the first one changes anything.
  const words: string[] = [];
  for (const plan of plans) {
    const planned = await readPlan(plan, flags);
    await checkFiles(planned);
    words.push(planned.words);
  }
  const ended: { plan: string; code: number }[] = [];
  for (const plan of plans) {
    out.about = { plan };
    out.say(
      `${ended.length === 0 ? '' : '\n'}PLAN ${ended.length + 1} of ${plans.length}: ${plan}`,
    );
    const code = out.codeOf(await one(plan));
    ended.push({ plan, code });
    if (code !== CODE.done) break;
  }
  delete out.about;
  const code = ended.at(-1)?.code ?? CODE.done;
  const rest = plans.slice(ended.length);
  const message = `${ended.filter((each) => each.code === CODE.done).length} of ${plans.length} plans promoted.`;
  out.say();
  for (const each of ended) {
    out.say(
      `${each.code === CODE.done ? 'ok      ' : 'FAILED  '} ${each.plan}${each.code === CODE.done ? '' : `, exit code ${each.code}`}`,
    );
  }
  for (const plan of rest) out.say(`not run  ${plan}`);
  out.say(message);
  out.event({
    event: 'result',
    code,
    message,
    plans: ended,
    ...(rest.length > 0 && { notRun: rest }),
  });
  return code;

  async function one(plan: string): Promise<number> {
    try {
      return await carryPlan('run', plan, flags, sandboxArgs, run, words.slice(ended.length + 1));
    } catch (error) {
      const end = ending(error, CODE.held);
      if (!end) throw error;
      for (const line of end.lines) out.note(line);
      const message = end.lines.join(' ');
      out.event({ event: 'result', code: end.code, outcome: 'failed', message });
      return end.code;
    }
  }
}
