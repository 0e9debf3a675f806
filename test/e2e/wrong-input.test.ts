/** What can't be right gets a sentence beside the field, and nothing that was typed is lost. */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { journey } from '../support/wizard.js';
import { serveBlue } from '../support/live-endpoint.js';

describe('wrong input', () => {
  journey(
    'names, folders and files are refused with a sentence, and typed values stay',
    async (desk) => {
      const csv = desk.sample('heart.csv', 'renamed.csv');
      writeFileSync(csv, readFileSync(csv, 'utf8').replace('thalach', 'max_rate'));
      await desk.startSandbox(0.05);
      const other = await desk.otherClient();
      await serveBlue(other.arm, 'taken');

      const user = await desk.wizard();
      await user.choose('sandbox');
      await user.sees('taken');
      user.press('n');
      await user.sees('Create endpoint');
      await user.fill('Description', 'for the heart clinic');
      await user.fill('Name', '9 lives');
      await user.choose('Create endpoint', 'tab');
      await user.sees(/✖ .*(letter|dash)/);
      expect(user.screen()).toContain('for the heart clinic');
      expect(user.screen()).toContain('9 lives');
      expect(user.cursorRow()).toMatch(/^Name/);

      // A name that is taken: nothing is made anew, the endpoint is opened as it is.
      await user.fill('Name', 'taken');
      await user.choose('Create endpoint', 'tab');
      await user.sees('sandbox ▸ taken');
      await user.on('new model');
      expect(await other.endpoints()).toEqual(['taken']);

      await user.fill('Folder', './nowhere');
      await user.choose('Review', 'tab');
      await user.sees(/✖ .*nowhere/);
      expect(user.cursorRow()).toMatch(/^Folder +\.\/nowhere/);
      expect(user.screen()).toMatch(/Model +heart-classifier/);
      await user.fill('Folder', desk.sample('heart-classifier/v2', 'second'));
      await user.choose('Review', 'tab');
      await user.sees('to be registered as');
      user.press('enter');

      await user.on('green');
      await user.fill('Name', 'default');
      await user.choose('Create default at 0%', 'tab');
      await user.sees(/✖ .*already exists/);
      expect(await other.deployments('taken')).toEqual(['default']);
      await user.fill('Name', 'green-1');
      await user.choose('Create green-1 at 0%', 'tab');

      await user.on('prove');
      await user.fill('Rows', '12');
      await user.fill('Rows from', 'missing.csv');
      await user.choose('Send the same rows', 'tab');
      await user.sees(/✖ .*missing\.csv/);
      expect(user.screen()).toMatch(/Rows +12/);
      await user.fill('Rows from', csv);
      await user.choose('Send the same rows', 'tab');
      await user.sees('model input');
      expect(user.screen()).toContain('thalach');
      expect(user.screen()).toContain('max_rate');
      await user.fill('Renames', 'thalach=max_rate');
      await user.choose('Send the same rows', 'tab');
      await user.sees('12 of 303 rows of renamed.csv');
    },
  );
});
