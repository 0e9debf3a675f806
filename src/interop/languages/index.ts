/** All export languages, in the order of the preview's tabs. */
import { az } from './az.js';
import type { Language } from './language.js';
import { mlflow } from './mlflow.js';
import { python } from './python.js';

export const LANGUAGES = [az, python, mlflow] as const satisfies readonly Language[];

export type LanguageId = (typeof LANGUAGES)[number]['id'];

export const languageOf = (id: LanguageId): Language =>
  LANGUAGES.find((each) => each.id === id) ?? az;
