/** Where the escape sequences go; a `WriteStream` is one. */
interface Screen {
  write(text: string): unknown;
}

const ENTER = '\x1b[?1049h\x1b[2J\x1b[H';
const PASTE_ON = '\x1b[?2004h';
/** Ends a half-sent synchronized frame, colours and paste marks, and shows the cursor. */
const RESET = '\x1b[?2026l\x1b[0m\x1b[?2004l\x1b[?25h';
// Emptied first: a terminal that was resized meanwhile may keep lines of it in its scrollback.
const LEAVE = '\x1b[2J\x1b[H\x1b[?1049l';

/** Says where keys come from the terminal and, unless `inline`, opens the alternate screen. */
export function enterScreen(screen: Screen, inline: boolean): void {
  screen.write((inline ? '' : ENTER) + PASTE_ON);
}

/** Brings the terminal back as it was found; never wipes the scrollback. */
export function leaveScreen(screen: Screen, inline: boolean): void {
  screen.write(RESET + (inline ? '' : LEAVE));
}
