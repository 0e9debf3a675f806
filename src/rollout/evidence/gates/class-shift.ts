/** Do the changed labels go one way? Churn goes both ways, a shift does not. */
import { grouped, rowsOf } from '../../../common/counts.js';
import { printable } from '../../../sampling/input-error.js';
import { holm, mcnemarTwoSided } from '../statistics/proportions.js';

/**
 * Sentences on classes that green answers more or less often than blue: exact McNemar for each
 * class, adjusted after Holm. @param labels blue's and green's, a pair a row
 */
export function classShifts(
  labels: readonly (readonly [string, string])[],
  alpha = 0.05,
): string[] {
  const classes = new Map<string, { gained: number; lost: number }>();
  const of = (name: string) => {
    const counts = classes.get(name) ?? { gained: 0, lost: 0 };
    classes.set(name, counts);
    return counts;
  };
  for (const [blue, green] of labels) {
    if (blue === green) continue;
    of(blue).lost += 1;
    of(green).gained += 1;
  }
  const counted = [...classes];
  const adjusted = holm(counted.map(([, { gained, lost }]) => mcnemarTwoSided(gained, lost)));
  return counted.flatMap(([name, { gained, lost }], index) => {
    // With two classes one's gain is the other's loss: once is enough.
    if ((adjusted[index] ?? 1) >= alpha || gained <= lost) return [];
    return [
      `Green returns ${printable(name, 30)} more often: ${rowsOf(gained)}, the reverse on ${grouped(lost)}.`,
    ];
  });
}
