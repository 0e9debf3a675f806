/** `Serum_Chol (mg)` and `serum chol mg` are one name to a person. */
export function normalisedName(name: string): string {
  const letters = name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');
  // A name of signs alone stays itself, so that two of them are not taken for one.
  return letters === '' ? name : letters;
}
