/** What every screen reads: the state, how to send an event, and how much room there is. */
import { createContext, useContext } from 'react';
import type { WizardEvent } from '../../src/wizard/events.js';
import type { State } from '../../src/wizard/state.js';
import type { Looks } from '../frame.js';

interface WizardView {
  state: State;
  looks: Looks;
  dispatch(event: WizardEvent): void;
  /** Columns and rows that the step's content may fill. */
  width: number;
  height: number;
  /** The step was left: no key changes it, and it is as high as it is. */
  left?: boolean;
}

/** What a screen may fill. */
export type Room = Pick<WizardView, 'width' | 'height'>;

export const WizardContext = createContext<WizardView | undefined>(undefined);

export function useWizard(): WizardView {
  const view = useContext(WizardContext);
  if (!view) throw new Error('A screen was rendered outside the wizard.');
  return view;
}
