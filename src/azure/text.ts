/** Text that came from outside must not move the cursor or change colours on a screen. */

// CSI and OSC sequences go as a whole, so that no `[31m` is left behind.
const SEQUENCES =
  /\u001b\[[0-?]*[ -/]*[@-~]|\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[@-Z\\-_]?/g;
// C0, DEL, C1, and the marks that reverse the direction of text.
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g;

/** One line, no control characters. */
export function oneLine(text: string): string {
  return text.replace(SEQUENCES, '').replace(CONTROLS, ' ').replace(/ {2,}/g, ' ').trim();
}

/** As `oneLine`, but keeps line breaks; for logs. */
export function lines(text: string): string {
  return text
    .replace(SEQUENCES, '')
    .split(/\r\n|\n|\r/)
    .map((line) => line.replace(/\t/g, '    ').replace(CONTROLS, ' ').trimEnd())
    .join('\n');
}
