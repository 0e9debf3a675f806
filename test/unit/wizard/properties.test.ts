/** What holds after any keys, choices, answers and failures, in any order. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { planUndo } from '../../../src/rollout/undo.js';
import { shareOf, totalOf } from '../../../src/common/split.js';
import type { WizardEvent } from '../../../src/wizard/events.js';
import { holdLeft } from '../../../src/wizard/hold.js';
import { bindingFor } from '../../../src/wizard/keys.js';
import { abortDisabled } from '../../../src/wizard/leaving.js';
import { greenShare, movedFromStart } from '../../../src/wizard/navigation.js';
import { activeBindings, reduce } from '../../../src/wizard/reducer.js';
import type { State } from '../../../src/wizard/state.js';
import type { Issued } from '../../../src/wizard/store.js';
import {
  mostForGreen,
  stagedChange,
  stagedShare,
} from '../../../src/wizard/steps/staged-traffic.js';
import { answered, alters } from '../../support/wizard-world.js';
import { failure, moments, NOW } from '../../support/wizard-states.js';

const NAMED = [
  'enter',
  'esc',
  'up',
  'down',
  'left',
  'right',
  'tab',
  'shift+left',
  'shift+right',
  'pageup',
  'pagedown',
  'backspace',
];
/** Pasted as a whole; the names of what one may want to delete. */
const PASTED = ['default', 'xgboost-model-2', 'heart', '45'];
const TEXT = [...'0123456789AabdDeEfgjkLmnNopqRrtuxyY/? '];

type Step =
  | { kind: 'key'; name: string }
  | { kind: 'text'; text: string }
  | { kind: 'choose'; list: string; value: string }
  | { kind: 'answer'; which: number }
  | { kind: 'fail'; which: number }
  | { kind: 'wait'; seconds: number };

const lists = {
  confirm: ['abort', 'undo', 'now', 'no', 'curl', 'key'],
  stop: ['back-to-blue', 'leave', 'stay'],
  leave: ['back-to-blue', 'leave', 'stay'],
  retire: ['keep', 'scale-to-one', 'delete'],
  failure: ['keep', 'fix', 'again', 'give-up'],
  models: ['', '+folder', '+uri', 'heart-classifier:2'],
  endpoints: ['heart', 'new'],
  start: ['profile:p1', 'profile:sandbox', 'rollout:0', 'new'],
  roles: ['a', 'b'],
};

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...NAMED).map((name): Step => ({ kind: 'key', name })) },
  { weight: 6, arbitrary: fc.constantFrom(...TEXT).map((text): Step => ({ kind: 'text', text })) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'key', name: 'ctrl+c' }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(...PASTED).map((text): Step => ({ kind: 'text', text })),
  },
  {
    weight: 6,
    arbitrary: fc
      .constantFrom(
        ...Object.entries(lists).flatMap(([list, values]) =>
          values.map((value) => ({ list, value })),
        ),
      )
      .map((chosen): Step => ({ kind: 'choose', ...chosen })),
  },
  { weight: 4, arbitrary: fc.nat(3).map((which): Step => ({ kind: 'answer', which })) },
  { weight: 1, arbitrary: fc.nat(3).map((which): Step => ({ kind: 'fail', which })) },
  { weight: 1, arbitrary: fc.nat(5).map((seconds): Step => ({ kind: 'wait', seconds })) },
);

const MOMENTS = moments();
const MOMENT = fc.constantFrom(...Object.keys(MOMENTS));
const walk = fc.array(step, { minLength: 10, maxLength: 60, size: 'max' });

interface Seen {
  before: State;
  event: WizardEvent;
  after: State;
  issued: readonly Issued[];
}

/** Walks the reducer, and shows every transition to `look`. */
function follow(from: State, steps: readonly Step[], look: (seen: Seen) => void): void {
  let state = from;
  const waiting: Issued[] = [];
  for (const each of steps) {
    const event = eventOf(each, state, waiting);
    if (!event) continue;
    const before = { ...state, now: event.type === 'tick' ? event.now : state.now };
    const { state: after, issued } = reduce(before, event);
    waiting.push(...issued);
    look({ before, event, after, issued });
    state = after;
    if (state.leaving) return;
  }
}

function eventOf(each: Step, state: State, waiting: Issued[]): WizardEvent | undefined {
  switch (each.kind) {
    case 'key':
      return { type: 'key', key: { name: each.name } };
    case 'text':
      return { type: 'key', key: { name: each.text, text: each.text } };
    case 'choose':
      return { type: 'chosen', list: each.list, value: each.value };
    case 'wait':
      return { type: 'tick', now: state.now + each.seconds * 1000 };
    case 'answer':
    case 'fail': {
      const [issued] = waiting.splice(each.which % Math.max(1, waiting.length), 1);
      if (!issued) return undefined;
      const { run, command } = issued;
      if (each.kind === 'answer') return answered(run, command, state);
      return { type: 'failed', run, do: command.do, failed: { failure: failure() } };
    }
  }
}

type Look = (seen: Seen) => void;

const everyWalk = (look: Look): void =>
  fc.assert(
    fc.property(MOMENT, walk, (name, steps) => follow(MOMENTS[name]!, steps, look)),
    { numRuns: 2000 },
  );

const invariants = new Map<string, Look>();
const broken = new Map<string, unknown>();

/** A test of what holds at each transition. All of them look at the same walks. */
function holds(name: string, look: Look): void {
  invariants.set(name, look);
  test(name, () => {
    if (broken.has(name)) throw broken.get(name);
  });
}

beforeAll(() => {
  everyWalk((seen) => {
    for (const [name, look] of invariants) {
      if (broken.has(name)) continue;
      try {
        look(seen);
      } catch (error) {
        broken.set(name, error);
      }
    }
  });
  // A walk that breaks one is made as short as it gets, and told with its seed.
  for (const name of broken.keys()) {
    try {
      everyWalk(invariants.get(name)!);
    } catch (error) {
      broken.set(name, error);
    }
  }
});

describe('whatever is pressed, chosen and answered', () => {
  holds('the staged share stays within what can be moved, and others keep theirs', ({ after }) => {
    expect(stagedShare(after)).toBeGreaterThanOrEqual(0);
    const change = stagedChange(after);
    if (!change) return;
    const { blue = '', green = '' } = after.session?.opened?.roles ?? {};
    expect(shareOf(change.to, green)).toBeLessThanOrEqual(mostForGreen(after));
    expect(totalOf(change.to)).toBe(totalOf(change.from));
    for (const name of Object.keys(change.from)) {
      if (name !== blue && name !== green) expect(change.to[name]).toBe(change.from[name]);
    }
  });

  let deletions = 0;
  const deletes = ({ before, issued }: Seen): void => {
    for (const { command } of issued) {
      if (command.do !== 'run') continue;
      const [deleted] = command.changes.flatMap((change) =>
        change.kind === 'deleteDeployment'
          ? [change.deployment]
          : change.kind === 'deleteEndpoint'
            ? [change.endpoint]
            : [],
      );
      if (deleted === undefined) continue;
      deletions += 1;
      const top = before.overlays.at(-1);
      expect(top?.kind === 'type-name' && top.typed).toBe(deleted);
    }
  };
  holds('nothing is deleted without its name typed', deletes);

  test('nothing is deleted without its name typed, where that is asked for', () => {
    deletions = 0;
    const asking: [string, Step][] = [
      ['retire', { kind: 'choose', list: 'retire', value: 'delete' }],
      ['green, crashed', { kind: 'choose', list: 'failure', value: 'give-up' }],
      ['green, crashed', { kind: 'choose', list: 'failure', value: 'fix' }],
      ['report', { kind: 'text', text: 'D' }],
    ];
    const typing = fc.array(
      fc.oneof(
        fc.constantFrom(...PASTED, 'd', ' ').map((text): Step => ({ kind: 'text', text })),
        fc.constantFrom('enter', 'backspace').map((name): Step => ({ kind: 'key', name })),
      ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(fc.constantFrom(...asking), typing, ([name, ask], steps) =>
        follow(MOMENTS[name]!, [ask, ...steps], deletes),
      ),
      { numRuns: 1000 },
    );
    expect(deletions).toBeGreaterThan(0);
  });

  holds('no write starts while another runs', ({ before, event, issued }) => {
    if (!before.task?.writes || event.type === 'answered' || event.type === 'failed') return;
    // Waiting can be stopped; then the workspace is closed, and nothing is written from there.
    expect(issued.filter(({ command }) => alters(command))).toEqual([]);
  });

  holds('undo never raises the share of the new version', ({ before, issued }) => {
    const opened = before.session?.opened;
    for (const { command } of issued) {
      if (command.do !== 'perform' || command.move.id !== 'undo' || !opened) continue;
      const { snapshot, journal, roles } = opened;
      const plan = planUndo(journal.undo, snapshot, roles);
      if ('refused' in plan) throw new Error(plan.refused);
      expect(shareOf(plan.to, roles.green ?? '')).toBeLessThan(greenShare(opened));
    }
  });

  holds('abort is offered wherever keys are not text, once traffic has moved', ({ after }) => {
    const opened = after.session?.opened;
    if (!opened || after.leaving || !movedFromStart(opened)) return;
    const top = after.overlays.at(-1)?.kind;
    if (top && !['help', 'rows', 'logs', 'command'].includes(top)) return;
    const bindings = activeBindings(after);
    const abort = bindingFor(bindings, { name: 'A' });
    if (!abort) {
      // In a text field letters are text; Ctrl-C leads to the same place.
      expect(bindingFor(bindings, { name: 'ctrl+c' })).toBeDefined();
      return;
    }
    expect(abort.disabledBecause).toBe(abortDisabled(after));
    if (!after.task?.abortQueued) expect(abort.disabledBecause).toBeUndefined();
  });

  holds(
    'green gets no more while a hold is on, but by a reason or a yes',
    ({ before, event, issued }) => {
      const opened = before.session?.opened;
      // The answer to a reason or a yes is what ends the hold.
      if (event.type === 'answered' || !holdLeft(before)) return;
      for (const { command } of issued) {
        for (const change of command.do === 'run' ? command.changes : []) {
          if (change.kind !== 'setTraffic') continue;
          const share = shareOf(change.to, opened?.roles.green ?? '');
          expect(share).toBeLessThanOrEqual(greenShare(opened));
        }
      }
    },
  );

  holds('with users on the new version, one key alone never leaves', ({ before, event, after }) => {
    const opened = before.session?.opened;
    const unwatched = opened && !opened.journal.completed && greenShare(opened) > 0;
    if (!unwatched || before.overlays.length > 0 || event.type !== 'key') return;
    expect(after.leaving).toBeUndefined();
    expect(after.session).toBeDefined();
  });

  holds(
    'a key that can not act issues nothing and says why',
    ({ before, event, after, issued }) => {
      if (event.type !== 'key' || before.overlays.length > 0 || event.key.name === 'ctrl+c') return;
      const binding = bindingFor(activeBindings(before), event.key);
      if (!binding?.disabledBecause) return;
      // A form or a filter may take the key as text first.
      if (event.key.text !== undefined && after.notice === undefined) return;
      expect(issued).toEqual([]);
      if (after.notice) expect(after.notice.text).toBe(binding.disabledBecause);
    },
  );

  test('an answer or failure of an older run changes nothing', () => {
    fc.assert(
      fc.property(MOMENT, walk, fc.boolean(), (name, steps, fails) => {
        const seen: Issued[] = [];
        follow(MOMENTS[name]!, steps, ({ after, issued }) => {
          seen.push(...issued);
          for (const { run, command } of seen) {
            if (after.runs[command.do] === run || after.leaving) continue;
            const event: WizardEvent = fails
              ? { type: 'failed', run, do: command.do, failed: { failure: failure() } }
              : answered(run, command, after);
            expect(reduce(after, event)).toEqual({ state: after, issued: [] });
          }
        });
      }),
      { numRuns: 150 },
    );
  });
});

test('the clock of these states stands still unless a walk moves it', () => {
  expect(new Set(Object.values(MOMENTS).map((state) => state.now))).toEqual(new Set([NOW]));
});
