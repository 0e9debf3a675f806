/** The classes of a scikit-learn estimator, from its pickle: in the order of the columns of `predict_proba`. */
import { arrayTexts } from './numpy-array.js';
import { readPickle } from './pickle.js';
import { PickledGlobal, PickledObject, type Pickled } from './pickled.js';

/** Larger ones are forests of thousands of trees; reading one takes a second and as much memory. */
export const LONGEST_PICKLE = 64 * 1024 * 1024;
/** Estimators within estimators. */
const DEEPEST = 20;

/** `undefined`: it is no pickle that can be read (joblib's are not), or its estimator names no classes. */
export function classesOfPickle(bytes: Uint8Array): string[] | undefined {
  if (bytes.length > LONGEST_PICKLE) return undefined;
  try {
    const classes = classesOf(readPickle(bytes), DEEPEST);
    return classes && classes.length > 1 ? classes : undefined;
  } catch {
    // Whatever a file holds, it names classes that can be read, or none.
    return undefined;
  }
}

/** Its own `classes_`, or those of the estimator that answers for it. */
function classesOf(estimator: Pickled | undefined, deeper: number): string[] | undefined {
  if (!(estimator instanceof PickledObject) || deeper === 0) return undefined;
  const of = globalsOf(estimator);
  const isLightGbm = of.some(({ module }) => module.startsWith('lightgbm.'));
  // LGBMClassifier keeps there what its property `classes_` returns.
  const own = estimator.attribute('classes_') ?? (isLightGbm && estimator.attribute('_classes'));
  // A model of several targets has a list of arrays.
  if (own !== undefined && own !== false) return arrayTexts(own);
  // Scikit-learn's own, and that of imbalanced-learn.
  const steps = of.some(({ name }) => name === 'Pipeline')
    ? estimator.attribute('steps')
    : undefined;
  const last = Array.isArray(steps) ? steps.at(-1) : undefined;
  const inner = Array.isArray(last)
    ? last[1]
    : ANSWERING.map((name) => estimator.attribute(name)).find((each) => each !== undefined);
  return classesOf(inner, deeper - 1);
}

/**
 * Attributes whose `classes_` an estimator returns as its own: of searches (GridSearchCV), of
 * OneVsRestClassifier, and of what wraps one estimator (RFE, TunedThresholdClassifierCV).
 */
const ANSWERING = ['best_estimator_', 'label_binarizer_', 'estimator_'];

/** The class that makes it; of protocol 2 an argument of `copyreg._reconstructor`. */
const globalsOf = ({ of, args }: PickledObject): PickledGlobal[] =>
  [of, ...(Array.isArray(args) ? args : [])].filter((each) => each instanceof PickledGlobal);
