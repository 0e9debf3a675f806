/** Finds an ONNX model that MLflow's own scoring can't feed, so that no request is ever answered. */
import type { CondaFinding } from './conda-dependencies.js';
import { readFrom, type OpenFile } from './file-bytes.js';
import { listed, printable } from './input-error.js';
import type { MlModel } from './mlmodel.js';
import { readOnnx } from './onnx-file.js';

/**
 * MLflow's ONNX flavor gives a model of several inputs one column of the data frame each, as an array of
 * one dimension (`_OnnxModelWrapper.predict` in mlflow/onnx/__init__.py, the same in 2.22 and 3.17), and
 * ONNX Runtime refuses it where the input has another rank. With a signature of columns every request
 * becomes a data frame; without one, a caller may still send arrays.
 */
export async function lintOnnx(
  { flavorData, signature }: MlModel,
  open: OpenFile,
): Promise<CondaFinding[]> {
  const file = flavorData.onnx?.data;
  const isOnnx = flavorData.python_function?.loader_module === 'mlflow.onnx';
  if (!isOnnx || file === undefined || signature?.inputs.some(({ shape }) => shape)) return [];
  const { inputs = [] } = (await readFrom(open, file, readOnnx)) ?? {};
  const deep = inputs.filter(({ rank }) => rank !== undefined && rank > 1);
  if (inputs.length < 2 || deep.length === 0) return [];
  const names = listed(deep.map(({ name }) => printable(name, 40)));
  const count = deep.length === 1 ? `input ${names} has` : `inputs ${names} have`;
  return [
    {
      level: signature ? 'error' : 'warning',
      file: printable(file),
      what:
        `Its ${count} more than one dimension, but to a model with ${inputs.length} inputs MLflow passes ` +
        `each column as an array of one dimension. Every request of columns fails with "Invalid rank for input".`,
      advice:
        'Convert the model with one input that takes all columns (skl2onnx: to_onnx(model, X.to_numpy())), or log it with the library it was trained with.',
    },
  ];
}
