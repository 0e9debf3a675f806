/** Whether a new endpoint may have a name. */
import type { NameUse } from '../../azure/types.js';
import { nameProblem } from '../names.js';
import type { PreflightFinding } from './finding.js';

const what = 'endpoint name';
const UNIQUE = 'Names are unique in a region, across all customers';

export function nameFinding(name: string, location: string, use: NameUse): PreflightFinding {
  const another = `${UNIQUE}: choose another, for example ${name.slice(0, 26)}-2b.`;
  switch (use.by) {
    case 'this-workspace':
      return use.provisioningState === 'Failed'
        ? {
            state: 'fail',
            what,
            detail: `${name} is in this workspace, and its creation failed.`,
            advice: 'Delete it, then create it again: the wizard offers that when it is opened.',
          }
        : { state: 'ok', what, detail: `${name} is in this workspace: it is opened, not created` };
    case 'another-workspace':
      return {
        state: 'fail',
        what,
        detail: `${name} is taken in ${location}, by workspace ${use.workspace}.`,
        advice: another,
        kind: 'invalid',
      };
    case 'someone':
      return {
        state: 'warn',
        what,
        detail: `Something answers as ${name} in ${location}: the name seems to be taken.`,
        advice: another,
      };
    case 'nobody-seen':
      return {
        state: 'ok',
        what,
        detail: `${name} seems free in ${location}; Azure confirms it at creation`,
      };
  }
}

/** A name that Azure would refuse, whoever has it. */
export function nameRuleFinding(name: string): PreflightFinding | undefined {
  const problem = nameProblem('endpoint', name);
  return problem === undefined
    ? undefined
    : { state: 'fail', what, detail: problem, advice: 'Choose another name.', kind: 'invalid' };
}
