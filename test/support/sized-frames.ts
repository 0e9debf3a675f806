/** The wizard's frame at the sizes that its pictures have. */
import { expect } from 'vitest';
import type { State } from '../../src/wizard/state.js';
import { draw, type Drawn } from './wizard-screen.js';

export const SIZES = ['60x18', '80x24', '100x30', '120x40', '200x60'] as const;
export type Size = (typeof SIZES)[number];

/** Whether it has rows for more than the screen itself. */
export const isTall = (size: Size): boolean => size !== '60x18' && size !== '80x24';

export function drawnAt(state: State, size: Size): Promise<Drawn> {
  const [columns = 0, rows = 0] = size.split('x').map(Number);
  return draw(state, { size: { columns, rows } });
}

/** The frame, which is as high as it may be and, from 80 columns on, has nothing cut. */
export async function frameOf(state: State, size: Size): Promise<string> {
  const { lines, frame, errors } = await drawnAt(state, size);
  expect(errors).toEqual([]);
  expect(lines()).toHaveLength(Number(size.split('x')[1]) - 1);
  if (size !== '60x18') expect(frame()).not.toContain('…');
  return frame();
}
