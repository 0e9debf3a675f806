/** Start: rollouts under way, workspaces, the sandbox, a new connection. */
import { Box } from 'ink';
import stringWidth from 'string-width';
import { useGlyphs, useSpoken } from '../src/terminal/glyphs.js';
import type { StartInfo } from '../src/wizard/effects/start.js';
import { firstItem, NEW_CONNECTION } from '../src/wizard/steps/open-workspace.js';
import { workspaceStep } from '../src/wizard/steps/workspace.js';
import { Blocks, listRoom, TALL_ENOUGH } from './parts/blocks.js';
import { cell, fitted, GAP, tableRow, widths } from './parts/columns.js';
import { useWizard } from './parts/context.js';
import { FailureView } from './parts/failure-view.js';
import { FormView } from './parts/form-view.js';
import { As, Line } from './parts/line.js';
import { OperationProgress, progressRows } from './parts/operation.js';
import { listRows, Select, type Item } from './parts/select.js';
import { startDetails } from './parts/start-details.js';
import { ago } from './parts/time.js';
import { TypedLine } from './parts/typed.js';

/** Of names, at most. */
const NAME = 40;
const NARROW_NAME = 22;
const WIDE = 76;
const NEW = 'new connection';
/** Columns of the pointer. */
const POINTER = 4;
/** Columns beside a name from which rollouts are a table. */
const ROOM_FOR_SPLIT = 72;

function headed(items: readonly Item[], heading: string, first: boolean): Item[] {
  return items.map((item, at) =>
    at === 0 ? { ...item, heading: ` ${heading}`, gap: !first } : item,
  );
}

/** Of all that is listed: filtering must not move the columns. */
function headOf(info: StartInfo, width: number): (name: string, prod: boolean) => string {
  const named = [
    ...info.rollouts.map(({ endpoint, prod }) => ({ name: endpoint, prod })),
    ...info.profiles,
    { name: NEW, prod: false },
  ];
  const [widest = 0] = widths(
    named.map(({ name }) => [name]),
    width < WIDE ? NARROW_NAME : NAME,
  );
  const gap = ' '.repeat(width < WIDE ? 1 : GAP);
  const anyProd = named.some(({ prod }) => prod);
  return (name, prod) =>
    `${cell(name, widest)}${gap}${anyProd ? `${prod ? 'PROD' : '    '}${gap}` : ''}`;
}

/** Of each rollout, what follows its endpoint: in columns, where there is room for the split among them. */
function rolloutTexts({ rollouts }: StartInfo, now: number, room: number): string[] {
  const cells = rollouts.map(({ summary, about, lastAt, profileName }) => [
    summary,
    about?.split?.text ?? '',
    ago(lastAt, now),
    profileName,
  ]);
  const size = widths(cells, Infinity);
  const fits = size.reduce((sum, each) => sum + each + GAP, -GAP) <= room;
  // The day on which a kept blue is due says more than when its rollout ended.
  return cells.map((row, at) =>
    fits && room >= ROOM_FOR_SPLIT
      ? tableRow(row, size).trimEnd()
      : `${row[0]}${rollouts[at]?.kept ? '' : `, ${row[2]}`} (${row[3]})`,
  );
}

function items(info: StartInfo, now: number, filter: string, width: number): Item[] {
  const head = headOf(info, width);
  const texts = rolloutTexts(info, now, width - POINTER - stringWidth(head('', false)));
  const rollouts = (kept: boolean): Item[] =>
    info.rollouts.flatMap((rollout, index): Item[] => {
      if ((rollout.kept ?? false) !== kept) return [];
      const label = `${head(rollout.endpoint, rollout.prod)}${texts[index] ?? ''}`;
      return [{ value: `rollout:${index}`, label }];
    });
  const saved = info.profiles.map((profile) => ({
    ...profile,
    used:
      profile.lastUsedAt === undefined ? 'not used yet' : `used ${ago(profile.lastUsedAt, now)}`,
  }));
  const [detail = 0] = fitted(
    saved.filter(({ sandbox }) => !sandbox).map((each) => [each.detail, each.used]),
    width - POINTER - stringWidth(head('', false)),
    [1],
  );
  const profiles = saved.map((profile): Item => {
    const rest = profile.sandbox
      ? profile.detail
      : `${cell(profile.detail, detail)}  ${profile.used}`;
    return { value: `profile:${profile.id}`, label: head(profile.name, profile.prod) + rest };
  });
  const found = info.discovered ? `found in ${info.discovered.from}` : 'sign in to Azure';
  const wanted = filter.trim().toLowerCase();
  const matching = (all: readonly Item[]): Item[] =>
    all.filter((item) => item.label.toLowerCase().includes(wanted));
  const begun = matching(rollouts(false));
  const billed = matching(rollouts(true));
  const workspaces = matching([
    ...profiles,
    { value: NEW_CONNECTION, label: head(NEW, false) + found },
  ]);
  return [
    ...headed(begun, 'ROLLOUTS UNDER WAY', true),
    ...headed(workspaces, 'WORKSPACES', begun.length === 0),
    ...headed(billed, 'KEPT BLUE, STILL BILLED', begun.length + workspaces.length === 0),
  ];
}

function StartList() {
  const { state, height, width } = useWizard();
  const glyphs = useGlyphs();
  const spoken = useSpoken();
  const screen = state.screens.workspace;
  const info = screen?.info;
  if (!info) return <Line> Reading saved workspaces</Line>;
  const first = firstItem(info);
  const filter = screen.filter ?? '';
  const shown = items(info, state.now, filter, width);
  const chosen = screen.highlighted ?? first;
  const discovered = info.discovered?.connection;
  const free = height - 2 - (screen.filter === undefined ? 0 : 1);
  const all = Math.max(1, listRows(shown));
  const list = listRoom(all, free, height);
  const rest = free - Math.min(all, list) - progressRows(state, width, glyphs);
  const details =
    spoken || height < TALL_ENOUGH
      ? []
      : startDetails(chosen, { info, width, now: state.now }, rest);
  return (
    <Box flexDirection="column">
      {screen.filter !== undefined ? (
        <Line>
          <As is="focus"> filter: </As>
          {screen.filtering ? (
            <TypedLine
              value={filter}
              cursor={screen.filterCursor ?? filter.length}
              room={width - 10}
            />
          ) : (
            <As is="focus">{filter}</As>
          )}
        </Line>
      ) : null}
      {shown.length === 0 ? (
        <Line>
          <As is="muted">{'   no match; press Esc to clear the filter'}</As>
        </Line>
      ) : (
        <Select
          list="start"
          items={shown}
          initial={chosen}
          rows={list}
          focused={!screen.filtering}
        />
      )}
      <Line />
      {chosen === NEW_CONNECTION && discovered?.workspaceName ? (
        <Line>
          <As is="muted">
            {` ${info.discovered?.from}: ${discovered.resourceGroup ?? '?'} / ${discovered.workspaceName}`}
          </As>
        </Line>
      ) : (
        <Line>
          <As is="muted">
            {chosen?.startsWith('rollout:')
              ? ' Opening reads only; nothing changes until you choose.'
              : chosen === 'profile:sandbox'
                ? ' Press Enter at each screen for a 2-minute sample rollout.'
                : ' Opening reads only.'}
          </As>
        </Line>
      )}
      <Blocks blocks={details} rows={rest} />
    </Box>
  );
}

function Found() {
  const { state, height } = useWizard();
  const found = state.screens.workspace?.found ?? [];
  const [name = 0, location = 0, group = 0] = widths(
    found.map((each) => [each.name, each.location, each.resourceGroup]),
  );
  return (
    <Box flexDirection="column">
      <Line>
        <As is="heading"> WORKSPACES OF THIS SIGN-IN</As>
      </Line>
      <Select
        list="found"
        rows={height - 4}
        items={found.map((each, index) => ({
          value: String(index),
          label: `${cell(each.name, name)}  ${cell(each.location, location)}  ${cell(each.resourceGroup, group)}  ${each.subscriptionId}`,
        }))}
      />
    </Box>
  );
}

export function WorkspaceScreen() {
  const { state } = useWizard();
  const screen = state.screens.workspace;
  const form = workspaceStep.form?.(state);
  if (screen?.failure && !state.task) {
    return <FailureView failure={screen.failure} />;
  }
  return (
    <Box flexDirection="column">
      {form ? (
        <>
          <Line>
            <As is="heading">{screen?.mode === 'rename' ? ' RENAME' : ' CONNECTION'}</As>
          </Line>
          <FormView {...form} />
        </>
      ) : screen?.mode === 'choose' ? (
        <Found />
      ) : (
        <StartList />
      )}
      <OperationProgress />
    </Box>
  );
}
