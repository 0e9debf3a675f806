/** Blue or green: what it will be made of, what quota it takes, and what failed. */
import { Box } from 'ink';
import type { Deployment } from '../src/azure/types.js';
import { isBusy } from '../src/rollout/changes/conditions.js';
import type { ModelChoice } from '../src/rollout/journal/entry.js';
import { coresTogether, quotaFor, weightCapOf, type QuotaOffer } from '../src/rollout/quota.js';
import { fieldValue, type Form } from '../src/wizard/form.js';
import { attachmentLines } from '../src/rollout/attachments.js';
import { copiesAutoscale } from '../src/wizard/steps/green-autoscale.js';
import { notCarried } from '../src/rollout/inherit.js';
import { isBehind } from '../src/wizard/navigation.js';
import type { State, StepFailure } from '../src/wizard/state.js';
import { failedEarlier } from '../src/wizard/steps/failed-deployment.js';
import { LOOK_AGAIN } from '../src/wizard/steps/short-quota.js';
import { deploymentOf, deploymentSpec } from '../src/wizard/steps/deployment-form.js';
import { priceSentence } from '../src/wizard/steps/price.js';
import { stepModule } from '../src/wizard/steps/index.js';
import { useGlyphs, type Glyphs } from '../src/terminal/glyphs.js';
import type { Tone } from '../src/terminal/theme.js';
import type { Block } from './parts/blocks.js';
import { useWizard } from './parts/context.js';
import { deploymentDetails } from './parts/deployment-details.js';
import { FailureView } from './parts/failure-view.js';
import { formRows, FormView } from './parts/form-view.js';
import { As, clean, Line } from './parts/line.js';
import { OperationProgress, progressRows } from './parts/operation.js';
import { Select } from './parts/select.js';
import { Sentence, sentenceLines } from './parts/sentence.js';
import { WithCommand } from './parts/with-command.js';

type Role = 'blue' | 'green';

interface Note {
  text: string;
  is: Tone;
}

/** What the deployment asks of the family's quota, beside what is in use already. */
function quotaNotes(state: State, role: Role, form: Form, glyphs: Glyphs): Note[] {
  const { sizes, usages } = state.screens[role] ?? {};
  const size = sizes?.find((each) => each.name === fieldValue(form, 'size'));
  const instances = Number(fieldValue(form, 'count'));
  const quota = size && usages && quotaFor(size, instances, usages);
  if (!quota) return [];
  const { needed, used, limit, free, enough } = quota;
  const pair = coresTogether([
    { size, instances },
    { size, instances },
  ])[size.family];
  const blue = role === 'green' ? deploymentOf(state.session?.opened, 'blue') : undefined;
  const cap = weightCapOf({ instanceType: size.name, instanceCount: instances }, blue);
  const notes: Note[] = [
    {
      text: `${used} of ${limit} cores in use, this needs ${needed} more (${size.family})`,
      is: enough ? 'muted' : 'fail',
    },
  ];
  if (!enough) {
    notes.push({ text: `${glyphs.fail} not enough: Enter shows what fits`, is: 'fail' });
  }
  if (role === 'blue' && enough && pair !== undefined && pair > free) {
    const text = `${glyphs.warning} blue and an equal green need ${pair} cores, ${free} are free`;
    notes.push({ text, is: 'warning' });
  }
  if (cap !== undefined) {
    const text = `${glyphs.warning} fewer instances than blue: enough for at most ${cap}% of the traffic`;
    notes.push({ text, is: 'warning' });
  }
  return notes;
}

/** What it costs, beside blue, or with a green of its kind. */
function priceNotes(state: State, role: Role, form: Form): Note[] {
  const own = {
    instanceType: fieldValue(form, 'size'),
    instanceCount: Number(fieldValue(form, 'count')),
  };
  const blue = deploymentOf(state.session?.opened, 'blue');
  const beside =
    role === 'blue'
      ? { name: 'with an equal green', instances: own }
      : blue && { name: `with ${blue.name}`, instances: blue };
  const text = priceSentence(state, own, beside);
  return text === undefined ? [] : [{ text, is: 'muted' }];
}

/** Fewer instances come first: a smaller size is another machine than the one to be proved. */
function Offers({ offers, role }: { offers: readonly QuotaOffer[]; role: Role }) {
  const glyphs = useGlyphs();
  const items = offers.map((offer, index) => ({
    value: String(index),
    label:
      offer.offer === 'fewer'
        ? `${offer.instances} ${offer.instances === 1 ? 'instance' : 'instances'} of this type`
        : `${offer.size.name}, smaller: ${offer.size.vCpus} cores, ${offer.size.memoryGb} GB`,
  }));
  return (
    <Box flexDirection="column">
      <Line>
        <As is="fail">{` ${glyphs.fail} Not enough quota${role === 'green' ? ' for green beside blue' : ''}. Nothing was sent.`}</As>
      </Line>
      <Line />
      <Select
        list="quota"
        items={[
          ...items,
          { value: LOOK_AGAIN, label: 'check again: a colleague may have freed cores' },
        ]}
      />
      <Line />
      <Line>
        <As is="muted"> To request quota: Azure ML studio, Quota. Your choice fills the form.</As>
      </Line>
    </Box>
  );
}

/** Rows of `Facts`. */
const FACTS = 3;

function Facts({ deployment }: { deployment: Deployment }) {
  const glyphs = useGlyphs();
  return (
    <Box flexDirection="column">
      <Line>
        <As is="pass">{` ${glyphs.pass} ${deployment.name} is ${deployment.provisioningState}`}</As>
      </Line>
      <Line>{`   ${deployment.instanceCount} ${glyphs.times} ${clean(deployment.instanceType)}`}</Line>
      <Line>{`   ${clean(deployment.model.split('/').slice(-4).join('/'))}`}</Line>
    </Box>
  );
}

function failureOf(state: State, role: Role, name: string): StepFailure {
  return state.screens[role]?.failure ?? failedEarlier(name);
}

/** Below this height no row is left blank. */
const LOW = 18;

function Broken({ role, name }: { role: Role; name: string }) {
  const { state, height } = useWizard();
  const gap = height < LOW ? 0 : 1;
  return (
    <Box flexDirection="column">
      <FailureView failure={failureOf(state, role, name)} around={5 + gap} choices />
      {gap > 0 ? <Line /> : null}
      <Line> It cannot be repaired: delete it and create it again.</Line>
      <Select
        list="failure"
        initial={state.screens[role]?.highlighted}
        items={[
          { value: 'keep', label: 'Keep it       look at the logs; it may hold quota' },
          { value: 'fix', label: 'Fix           delete it, then register a fixed model' },
          {
            value: 'again',
            label: 'Same again    create it again unchanged; rarely helps',
          },
          { value: 'give-up', label: 'Give up       delete it; blue keeps serving' },
        ]}
      />
    </Box>
  );
}

/** Where green's settings come from, and what of blue's it will not have. */
function inheritedNotes(state: State, form: Form): Note[] {
  const blue = deploymentOf(state.session?.opened, 'blue');
  const file = state.defaults.deploymentFile;
  if (!blue) return [];
  const attached = state.screens.green?.attachments;
  const spec = deploymentSpec(state, 'green', form);
  const lost = [
    ...(spec ? notCarried(blue, spec) : []).map(({ sentence }) => sentence),
    ...(attached ? attachmentLines(blue.name, attached, { copies: copiesAutoscale(form) }) : []),
  ];
  const from =
    file === undefined
      ? `all other settings are those of ${blue.name}`
      : `from ${file.path}; settings it leaves out keep Azure's defaults`;
  return [{ text: from, is: 'muted' }, ...lost.map((text): Note => ({ text, is: 'warning' }))];
}

function firstLine(model: ModelChoice | undefined, existing: Deployment | undefined): string {
  if (existing) {
    const is = isBusy(existing) ? 'is not ready yet' : 'is ready';
    return ` No deployment serves users yet. ${clean(existing.name)} ${is}:`;
  }
  return ` ${clean(model?.name ?? '')} ${clean(model?.version ?? '')} serves first`;
}

/** Before each note. */
const INDENT = 3;

function makeScreen(role: Role) {
  return function DeploymentScreen() {
    const { state, width } = useWizard();
    const glyphs = useGlyphs();
    const screen = state.screens[role];
    const form = stepModule(role).form?.(state);
    const existing = deploymentOf(state.session?.opened, role);
    const opened = state.session?.opened;
    const model =
      role === 'blue' ? opened?.journal.choice.blueModel : opened?.journal.choice.newModel;
    const working = state.task !== undefined;
    const broken = !working && !isBehind(state) && existing?.provisioningState === 'Failed';
    if (broken && existing) {
      return <Broken role={role} name={existing.name} />;
    }
    if (screen?.failure && !working) return <FailureView failure={screen.failure} />;
    if (screen?.offers && !working) return <Offers offers={screen.offers} role={role} />;
    const notes = form && [
      ...(existing ? [] : quotaNotes(state, role, form.form, glyphs)),
      ...(existing ? [] : priceNotes(state, role, form.form)),
      ...(role === 'green' ? inheritedNotes(state, form.form) : []),
    ];
    const noted = notes?.flatMap(({ text }) => sentenceLines(text, width, INDENT)) ?? [];
    const own = form ? 3 + formRows(form.form, width) + noted.length : existing ? FACTS : 0;
    const taken = own + progressRows(state, width, glyphs);
    const blocks = (rows: number): Block[] =>
      deploymentDetails(state, role, form?.form, width, rows);
    return (
      <WithCommand below={{ taken, blocks }}>
        {form ? (
          <>
            <Line>
              {role === 'green'
                ? ` ${clean(model?.name ?? '')} version ${clean(model?.version ?? '')} beside blue, without traffic`
                : firstLine(model, existing)}
            </Line>
            <Line />
            <FormView {...form} />
            <Line />
            {notes?.map(({ text, is }) => (
              <Sentence key={text} is={is} indent={INDENT}>
                {text}
              </Sentence>
            ))}
          </>
        ) : existing ? (
          <Facts deployment={existing} />
        ) : null}
        <OperationProgress />
      </WithCommand>
    );
  };
}

export const BlueScreen = makeScreen('blue');
export const GreenScreen = makeScreen('green');
