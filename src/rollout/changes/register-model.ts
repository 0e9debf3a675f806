import * as z from 'zod';
import { ChangeError } from '../errors.js';
import { samePlace } from '../model-source.js';
import { nameProblem } from '../names.js';
import { NEXT_VERSION, type ChangeKind, type RegisterModel } from './change.js';
import { seenVersion } from './conditions.js';
import { member } from './members.js';

function takenSentence(change: RegisterModel): string {
  return `Version ${change.version} of ${change.model} already exists, with different content: a registered version cannot be changed. Register the next version.`;
}

export const registerModelKind: ChangeKind<RegisterModel> = {
  members: {
    model: member.modelName,
    version: member.versionName,
    folder: member.text.optional(),
    uri: member.text.optional(),
    description: member.text.optional(),
    tags: member.texts.optional(),
    flavors: z.record(member.text, member.texts).optional(),
  },
  usualSeconds: 10,
  title: ({ model, version }) =>
    version === NEXT_VERSION
      ? `register the next version of model ${model}`
      : `register model ${model}:${version}`,

  guard(change, now) {
    const problem = nameProblem('model', change.model) ?? nameProblem('version', change.version);
    if (problem) return problem;
    if ((change.folder === undefined) === (change.uri === undefined)) {
      return `Model ${change.model} needs either a folder to upload or the uri of one that Azure can read.`;
    }
    const there = seenVersion(now, change.model, change.version);
    // With a folder only the upload tells whether the content is the same.
    if (there && change.uri !== undefined && !samePlace(there.uri, change.uri)) {
      return takenSentence(change);
    }
    return undefined;
  },

  async apply(change, { workspace, onProgress, signal }) {
    const uri =
      change.uri ??
      (
        await workspace.uploadFolder(
          change.folder ?? '',
          change.model,
          (upload) => onProgress({ stage: 'uploading', upload }),
          signal,
        )
      ).uri;
    const there = await workspace.getModelVersion(change.model, change.version, signal);
    if (there) {
      if (samePlace(there.uri, uri)) return;
      throw new ChangeError({
        kind: 'conflict',
        what: registerModelKind.title(change),
        message: takenSentence(change),
        advice: 'Choose the model again to register it as the next free version.',
        retrySafe: false,
      });
    }
    const { description, tags, flavors } = change;
    const extra = {
      ...(description !== undefined && { description }),
      ...(tags && { tags }),
      ...(flavors && { flavors }),
    };
    await workspace.putModelVersion(change.model, change.version, uri, extra, signal);
  },

  readBack(change, after) {
    return seenVersion(after, change.model, change.version)
      ? undefined
      : `The workspace does not list version ${change.version} of ${change.model}.`;
  },
};
