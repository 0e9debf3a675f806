/** The classes of a model in the order of its scores, where a file of its folder names them. */
import { classesOfPickle, LONGEST_PICKLE } from './estimator-classes.js';
import { readFrom, type FileBytes, type OpenFile } from './file-bytes.js';
import type { MlModel } from './mlmodel.js';
import { readOnnx } from './onnx-file.js';
import type { Signature } from './signature.js';

/** Methods of scikit-learn that answer a score for each class; all others answer the classes. */
const ANSWERS_SCORES = ['predict_proba', 'predict_log_proba', 'decision_function'];
/** Those of `mlflow.sklearn` that are pickles. */
const PICKLES = ['pickle', 'cloudpickle'];

/** The model, and in its signature the classes, where its metadata has none and its files do. */
export async function withClasses(model: MlModel, open: OpenFile): Promise<MlModel> {
  const { signature } = model;
  if (!signature || signature.classes) return model;
  const found = await classesIn(model, open);
  return found ? { ...model, signature: { ...signature, ...found } } : model;
}

async function classesIn(
  { flavorData }: MlModel,
  open: OpenFile,
): Promise<Pick<Signature, 'classes' | 'classesFrom'> | undefined> {
  const { python_function: pyfunc = {}, sklearn = {} } = flavorData;
  const onnx = flavorData.onnx?.data;
  if (pyfunc.loader_module === 'mlflow.sklearn') {
    if (!ANSWERS_SCORES.includes(pyfunc.predict_fn ?? '')) return undefined;
    const { pickled_model: file, serialization_format: format = 'pickle' } = sklearn;
    const classes =
      file !== undefined && PICKLES.includes(format)
        ? await readFrom(open, file, pickledClasses)
        : undefined;
    if (classes) return { classes, classesFrom: `classes_ in ${file}` };
    // The same model, written beside it.
    const converted = onnx === undefined ? undefined : await readFrom(open, onnx, readOnnx);
    return converted?.classes && fromOnnx(converted.classes.names, onnx);
  }
  if (pyfunc.loader_module !== 'mlflow.onnx' || onnx === undefined) return undefined;
  const { classes } = (await readFrom(open, onnx, readOnnx)) ?? {};
  return classes && !classes.byName ? fromOnnx(classes.names, onnx) : undefined;
}

const fromOnnx = (classes: string[], file = '') => ({
  classes,
  classesFrom: `the class labels in ${file}`,
});

async function pickledClasses(file: FileBytes): Promise<string[] | undefined> {
  if (file.size > LONGEST_PICKLE) return undefined;
  return classesOfPickle(await file.read(0, file.size));
}
