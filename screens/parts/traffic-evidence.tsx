/** What is known of green: the last proof, the split as probes saw it, and minutes of live traffic. */
import { Box } from 'ink';
import { judgedAt } from '../../src/rollout/moves/judged.js';
import { wantsSplit } from '../../src/rollout/moves/verify-split.js';
import { probingOf } from '../../src/rollout/plan/proof.js';
import type { Verdict } from '../../src/rollout/evidence/gates/verdict.js';
import { useSpoken } from '../../src/terminal/glyphs.js';
import type { Tone } from '../../src/terminal/theme.js';
import { greenShare } from '../../src/wizard/navigation.js';
import { planOf } from '../../src/wizard/plan.js';
import type { State } from '../../src/wizard/state.js';
import { trafficScreen } from '../../src/wizard/steps/staged-traffic.js';
import { useWizard, type Room } from './context.js';
import { EvidenceTable, FittedEvidence, fittedRows } from './evidence.js';
import { History, historyRows } from './history.js';
import { Line } from './line.js';
import { LiveUsers, liveRows } from './live-users.js';
import { Sentence, sentenceLines } from './sentence.js';

interface Note {
  text: string;
  is: Tone;
}

/** Since the last change, as far as it is of the split. */
export function shownEvidence(state: State): { verdicts: Verdict[]; notes: Note[] } {
  const opened = state.session?.opened;
  const proof = opened?.journal.judgements.findLast((each) => each.stage === 'prove');
  const { probe: seen, live } = trafficScreen(state);
  const share = greenShare(opened);
  // After a restart only the journal knows what probes showed.
  const kept = opened ? judgedAt(opened.journal, opened.roles.green, 'split', share) : undefined;
  const split = seen
    ? [seen.verdict, seen.failing].filter((each) => each !== undefined)
    : (kept?.verdicts ?? []);
  const notes: Note[] = [];
  if (!proof) {
    notes.push({
      text: 'not compared in this rollout: press Esc to return to prove',
      is: 'warning',
    });
  }
  if (proof?.override !== undefined) {
    notes.push({ text: `failed gate overridden: ${proof.override}`, is: 'warning' });
  }
  if (!seen && split.length === 0 && share > 0) {
    const text = wantsSplit(planOf(state), share)
      ? `split served: p sends ${probingOf(planOf(state)).count} requests to see who answers`
      : 'split served: the plan does not verify it';
    notes.push({ text, is: 'muted' });
  }
  const verdicts = [
    ...(proof?.verdicts ?? []),
    ...(live?.verdicts.length ? split.slice(0, 1) : split),
    ...(live?.verdicts ?? []),
  ];
  return { verdicts, notes };
}

const INDENT = 3;

const notesRows = (notes: readonly Note[], width: number): number =>
  notes.flatMap(({ text }) => sentenceLines(text, width, INDENT)).length;

/** Rows that `TrafficEvidence` takes of so many. */
export function evidenceRows(state: State, width: number, room: number): number {
  const { verdicts, notes } = shownEvidence(state);
  const below = notesRows(notes, width);
  return fittedRows(verdicts, room - below - 1) + below;
}

/** In so many rows, with its head. */
export function TrafficEvidence({ room }: { room: number }) {
  const { state, width } = useWizard();
  const { verdicts, notes } = shownEvidence(state);
  return (
    <Box flexDirection="column">
      <FittedEvidence
        title="evidence"
        verdicts={verdicts}
        room={room - notesRows(notes, width) - 1}
      />
      {notes.map(({ text, is }) => (
        <Sentence key={text} is={is} indent={INDENT}>
          {text}
        </Sentence>
      ))}
    </Box>
  );
}

/** Rows that `LastEvidence` takes of so many: of all of it, or none. */
export function lastEvidenceRows(state: State, { width, height }: Room, rows: number): number {
  const { verdicts } = shownEvidence(state);
  const wanted = verdicts.length + 2 + liveRows(state, width) + historyRows(state, height);
  return verdicts.length > 0 && wanted <= rows ? wanted : 0;
}

/** What the rollout rested on, once there is nothing to decide about it. */
export function LastEvidence({ rows }: { rows: number }) {
  const view = useWizard();
  const spoken = useSpoken();
  if (spoken || lastEvidenceRows(view.state, view, rows) === 0) return null;
  return (
    <>
      <Line />
      <EvidenceTable title="evidence" verdicts={shownEvidence(view.state).verdicts} />
      <LiveUsers />
      <History />
    </>
  );
}
