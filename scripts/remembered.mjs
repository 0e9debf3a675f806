/** Remembers what was made of a text lately: texts of at most `characters` together, and as many that were used before them. */
export function remembered(make, characters) {
  let now = new Map();
  let before = new Map();
  let held = 0;
  return (text) => {
    const known = now.get(text);
    if (known !== undefined) return known;
    const made = before.get(text) ?? make(text);
    held += text.length;
    if (held > characters) {
      before = now;
      now = new Map();
      held = text.length;
    }
    now.set(text, made);
    return made;
  };
}
