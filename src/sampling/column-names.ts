/** Names of columns: those of a header, and when two names are one to a person. */

/** `Serum_Chol (mg)` and `serum chol mg` are one name to a person. */
export function normalisedName(name: string): string {
  const letters = name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');
  // A name of signs alone stays itself, so that two of them are not taken for one.
  return letters === '' ? name : letters;
}

/** What pandas calls a column without a name; a table saved with its row index has one. */
export const isUnnamed = (column: string): boolean => /^Unnamed: \d+(\.\d+)*$/.test(column);

/**
 * The names that `pandas.read_csv` gives the columns of a header, for a model that was trained on
 * the file knows them by those: `Unnamed: 0` for an empty cell, `a.1` for a second `a`. Named
 * columns keep their names before unnamed ones do (pandas 3.1, `PythonParser._infer_columns`).
 */
export function columnNames(cells: readonly string[]): string[] {
  const names = cells.map((cell, at) => (cell === '' ? `Unnamed: ${at}` : cell));
  const taken = new Set(names);
  const counts = new Map<string, number>();
  const at = [...cells.keys()];
  const order = [
    ...at.filter((each) => cells[each] !== ''),
    ...at.filter((each) => cells[each] === ''),
  ];
  for (const each of order) {
    const name = names[each] as string;
    let unique = name;
    let count = counts.get(name) ?? 0;
    while (count > 0) {
      counts.set(name, count + 1);
      unique = `${name}.${count}`;
      count = taken.has(unique) ? count + 1 : (counts.get(unique) ?? 0);
    }
    names[each] = unique;
    counts.set(unique, count + 1);
  }
  return names;
}
