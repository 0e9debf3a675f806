/** What each step keeps on its screen: answers being typed, lists loaded, the last failure. */
import type { FamilyUsage, JobModel, ModelVersion, VmSize } from '../azure/types.js';
import type {
  AnswerOf,
  Loaded,
  ModelLook,
  Sample,
  SplitProof,
  StartInfo,
  Tested,
} from './effects/contract.js';
import type { QuotaOffer } from '../rollout/quota.js';
import type { Form } from './form.js';
import type { StepFailure } from './state.js';
import type { Live } from '../rollout/moves/watch-live.js';

interface Screen {
  failure?: StepFailure;
  /** The item under the cursor of the screen's list. */
  highlighted?: string;
}

export interface WorkspaceScreenState extends Screen {
  mode: 'list' | 'connection' | 'choose' | 'rename';
  info?: StartInfo;
  /** What `/` filters by; absent while nothing is filtered. */
  filter?: string;
  filtering: boolean;
  form?: Form;
  /** The saved profile being edited. */
  editing?: string;
  found?: AnswerOf<'findWorkspaces'>;
  /** What to do once connected. */
  intent?: { endpoint: string; rolloutId?: string; rollback: boolean };
}

export interface EndpointScreenState extends Screen {
  mode: 'list' | 'form' | 'roles';
  form?: Form;
  /** The form was submitted: create it as soon as its name is known to be free. */
  creating: boolean;
}

export type ModelSubject =
  | { kind: 'version'; model: string; version: string }
  | { kind: 'folder'; model: string; folder: string }
  | { kind: 'uri'; model: string; uri: string }
  /** Served from its registry; nothing is registered. */
  | { kind: 'registry'; model: string; version: string; id: string };

export interface ModelScreenState extends Screen {
  mode: 'list' | 'folder' | 'uri' | 'review';
  models?: { name: string; versions: ModelVersion[] }[];
  jobs?: JobModel[];
  form?: Form;
  /** What is reviewed: a registered version, a folder, or a place Azure can read. */
  subject?: ModelSubject;
  look?: ModelLook;
  /** Why there is no look before it is registered. */
  unread?: string;
  /** The model that serves now, to compare signatures with. */
  liveLook?: ModelLook;
}

export interface DeploymentScreenState extends Screen {
  form?: Form;
  sizes?: VmSize[];
  usages?: FamilyUsage[];
  /** Request settings, probes and variables are shown as well. */
  more: boolean;
  /** Of blue, where green is made. */
  attachments?: AnswerOf<'attachments'>;
  /** What was chosen on the failure screen, to be done once the deletion has ended. */
  afterDelete?: 'choose-model' | 'end';
  /** The quota does not reach: what can be chosen instead. */
  offers?: readonly QuotaOffer[];
}

export interface SampleScreenState extends Screen {
  form?: Form;
  sample?: Sample;
  tested?: Tested;
  load?: Loaded | undefined;
  /** Green is being deleted to end the rollout, not for another one. */
  givingUp?: boolean;
  renames: Record<string, string>;
  /** Index of the first shown row that differs. */
  offset: number;
}

export interface TrafficScreenState extends Screen {
  /** Green's staged share in percent; absent: nothing is staged. */
  staged?: number;
  probe?: SplitProof;
  live?: Live;
}

interface RetireScreenState extends Screen {
  keepUntil: string;
  /** Whether blue was seen serving since it has no traffic. */
  bake?: AnswerOf<'bake'>;
  attachments?: AnswerOf<'attachments'>;
}

interface ReportScreenState extends Screen {
  files?: { what: string; path: string }[];
}

export interface Screens {
  workspace: WorkspaceScreenState;
  endpoint: EndpointScreenState;
  'blue-model': ModelScreenState;
  blue: DeploymentScreenState;
  test: SampleScreenState;
  'new-model': ModelScreenState;
  green: DeploymentScreenState;
  prove: SampleScreenState;
  traffic: TrafficScreenState;
  retire: RetireScreenState;
  report: ReportScreenState;
}
