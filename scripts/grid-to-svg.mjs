// A terminal's grid as an SVG picture, or several as a film: text, its colours, bold, dim and inverse. No fonts
// inside, and no script.

const CELL = { width: 8.4, height: 18 };
const PADDING = 14;
const FONT = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace';

/** Background, text, and the sixteen colours that terminals name, readable on the background. */
export const PALETTES = {
  dark: {
    background: '#16181d',
    foreground: '#d6dae1',
    named:
      '#3a3f4b #e5707a #8fca7a #e3c078 #6fb1f0 #c68ae0 #5fc3cc #c3c8d1 #727988 #f08891 #a9dd95 #f0d596 #8cc4fa #d8a6ee #7fd9e1 #f2f4f8',
  },
  light: {
    background: '#ffffff',
    foreground: '#24292f',
    named:
      '#24292f #cf222e #116329 #855300 #0969da #8250df #1b7c83 #6e7781 #57606a #a40e26 #1a7f37 #633c01 #218bff #a475f9 #3192aa #8c959f',
  },
};

/** A colour of the 256 that terminals number: 16 named, a cube of 6 steps, 24 greys. */
function indexed(index, { named }) {
  if (index < 16) return named.split(' ')[index];
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return rgb(grey, grey, grey);
  }
  const step = (value) => (value === 0 ? 0 : 55 + value * 40);
  const cube = index - 16;
  return rgb(step(Math.floor(cube / 36)), step(Math.floor(cube / 6) % 6), step(cube % 6));
}

const rgb = (...parts) => `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;

function colour(isDefault, isRgb, value, fallback, palette) {
  if (isDefault) return fallback;
  return isRgb
    ? rgb((value >> 16) & 255, (value >> 8) & 255, value & 255)
    : indexed(value, palette);
}

function look(cell, palette) {
  const { foreground, background } = palette;
  const fg = colour(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor(), foreground, palette);
  const bg = colour(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor(), background, palette);
  const inverse = Boolean(cell.isInverse());
  return {
    fill: inverse ? bg : fg,
    back: inverse ? fg : bg,
    bold: Boolean(cell.isBold()),
    dim: Boolean(cell.isDim()),
  };
}

/** Neighbouring cells that look alike, as one run. */
function runs(line, columns, palette) {
  const found = [];
  for (let column = 0; column < columns;) {
    const cell = line.getCell(column);
    const width = cell.getWidth() || 1;
    const style = look(cell, palette);
    const key = JSON.stringify(style);
    const last = found.at(-1);
    const text = cell.getChars() || ' ';
    if (last?.key === key) {
      last.text += text;
      last.width += width;
    } else found.push({ ...style, key, text, at: column, width });
    column += width;
  }
  return found;
}

const escaped = (text) =>
  text.replace(
    /[&<>"]/g,
    (mark) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[mark],
  );

const number = (value) => String(Math.round(value * 100) / 100);

/**
 * The grid as it is now, without the sheet that it is drawn on.
 * @param renamed a text and what is drawn in its place
 */
export function frameOf({ cols, rows, buffer }, palette, [from, to]) {
  const parts = [];
  for (let row = 0; row < rows; row += 1) {
    const line = buffer.active.getLine(buffer.active.baseY + row);
    if (!line) continue;
    const top = PADDING + row * CELL.height;
    for (const run of runs(line, cols, palette)) {
      const x = PADDING + run.at * CELL.width;
      const span = run.width * CELL.width;
      if (run.back !== palette.background) {
        parts.push(
          `<rect x="${number(x)}" y="${number(top)}" width="${number(span)}" height="${CELL.height}" fill="${run.back}"/>`,
        );
      }
      // Blank ends would be stretched with the rest where a font is narrower than the cells.
      const text = run.text.replace(from, to).trimEnd();
      const lead = text.length - text.trimStart().length;
      if (text.trim() === '') continue;
      const cells = run.width - (run.text.length - text.length) - lead;
      const fill = run.fill === palette.foreground ? '' : ` fill="${run.fill}"`;
      const style = `${run.bold ? ' font-weight="bold"' : ''}${run.dim ? ' opacity="0.65"' : ''}`;
      parts.push(
        `<text x="${number(x + lead * CELL.width)}" y="${number(top + CELL.height * 0.74)}" textLength="${number(cells * CELL.width)}" lengthAdjust="spacingAndGlyphs"${fill}${style}>${escaped(text.trimStart())}</text>`,
      );
    }
  }
  return parts.join('\n');
}

function svg({ cols, rows }, title, palette, inside) {
  const width = number(cols * CELL.width + 2 * PADDING);
  const height = number(rows * CELL.height + 2 * PADDING);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}" font-family='${FONT}' font-size="14" fill="${palette.foreground}" xml:space="preserve">
<title>${escaped(title)}</title>
${inside}
</svg>
`;
}

const sheet = ({ background }) => `<rect width="100%" height="100%" rx="8" fill="${background}"/>`;

/**
 * @param terminal an @xterm/headless terminal
 * @param title read by screen readers and shown on hover
 * @param palette one of `PALETTES`
 * @param renamed a text and what is drawn in its place
 */
export function gridToSvg(terminal, title, palette, renamed) {
  const inside = `${sheet(palette)}\n${frameOf(terminal, palette, renamed)}`;
  return svg(terminal, title, palette, inside);
}

/**
 * The frames one after the other, again and again; the last alone where a person wants no motion.
 * @param terminal whose size all of them have
 * @param frames of `frameOf`
 * @param seconds that each is seen
 */
export function film(terminal, frames, title, palette, seconds) {
  const whole = frames.length * seconds;
  const style = `<style>
.frame { visibility: hidden; animation: seen ${whole}s step-end infinite; }
@keyframes seen { 0% { visibility: visible; } ${number(100 / frames.length)}% { visibility: hidden; } }
@media (prefers-reduced-motion: reduce) { .frame { animation: none; } .frame:last-child { visibility: visible; } }
</style>`;
  const shown = frames.map(
    (frame, at) =>
      `<g class="frame" style="animation-delay:${at * seconds}s">\n${sheet(palette)}\n${frame}\n</g>`,
  );
  return svg(terminal, title, palette, [style, ...shown].join('\n'));
}
