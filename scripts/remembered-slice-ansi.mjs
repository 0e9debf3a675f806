// In place of `slice-ansi`: Ink cuts each line of each frame to its box, though most lines are those of the last frame.
import sliceAnsi from '../node_modules/slice-ansi/index.js';
import { remembered } from './remembered.mjs';

/** Larger than a large terminal. */
const CHARACTERS = 30_000;

const sliceOf = remembered((key) => {
  const [from, to] = key.split(' ', 2);
  const line = key.slice(from.length + to.length + 2);
  return sliceAnsi(line, Number(from), Number(to));
}, CHARACTERS);

export default function sliceOnce(line, from, to) {
  return Number.isInteger(from) && Number.isInteger(to)
    ? sliceOf(`${from} ${to} ${line}`)
    : sliceAnsi(line, from, to);
}
