/** Remembers what was made of a text lately: at most the last `signs` signs of texts, and as many that were used before them. */
export function remembered(make, signs) {
  let now = new Map();
  let before = new Map();
  let held = 0;
  return (text) => {
    const known = now.get(text);
    if (known !== undefined) return known;
    const made = before.get(text) ?? make(text);
    held += text.length;
    if (held > signs) {
      before = now;
      now = new Map();
      held = text.length;
    }
    now.set(text, made);
    return made;
  };
}
