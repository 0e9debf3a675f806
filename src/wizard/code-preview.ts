/** Changes in another tool's words, for the screen that shows them before they are sent. */
import type { WorkspaceRef } from '../azure/types.js';
import { LANGUAGES, languageOf, type LanguageId } from '../interop/languages/index.js';
import { codeText } from '../interop/languages/language.js';
import type { Change } from '../rollout/changes/change.js';

export const LANGUAGE_TITLES: readonly { id: LanguageId; title: string }[] = LANGUAGES;

export const codePreview = (
  language: LanguageId,
  changes: readonly Change[],
  { subscriptionId, resourceGroup, workspaceName }: WorkspaceRef,
): string =>
  codeText(languageOf(language), changes, { subscriptionId, resourceGroup, workspaceName });
