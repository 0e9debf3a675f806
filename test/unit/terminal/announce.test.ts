import { describe, expect, it } from 'vitest';
import { Announcer } from '../../../src/terminal/announce.js';
import { announced } from '../../../src/wizard/announcement.js';
import { moments, NOW, PROD, rollout, working } from '../../support/wizard-states.js';

function screen(isTTY = true) {
  return {
    isTTY,
    text: '',
    write(text: string) {
      this.text += text;
    },
  };
}

const shown = { title: 'heart traffic 10%', attention: false };

describe('what is announced', () => {
  it('is the title, once, and the earlier one is restored', () => {
    const out = screen();
    const announcer = new Announcer(out, { bell: true }, {});
    announcer.show(shown);
    announcer.show(shown);
    announcer.end();
    expect(out.text).toBe('\x1b[22;0t\x1b]2;heart traffic 10%\x07\x1b[23;0t');
  });

  it('rings once when attention is needed, and not where the bell is off', () => {
    for (const bell of [true, false]) {
      const out = screen();
      const announcer = new Announcer(out, { bell }, {});
      announcer.show(shown);
      out.text = '';
      announcer.show({ ...shown, attention: true });
      announcer.show({ ...shown, attention: true });
      expect(out.text).toBe(bell ? '\x07' : '');
    }
  });

  it('has progress only where a terminal is known to draw it', () => {
    for (const env of [{}, { WT_SESSION: 'x' }]) {
      const out = screen();
      const announcer = new Announcer(out, { bell: true }, env);
      announcer.show({ ...shown, percent: 40 });
      expect(out.text.includes('\x1b]9;4;1;40\x07')).toBe('WT_SESSION' in env);
      announcer.end();
      expect(out.text.includes('\x1b]9;4;0;0\x07')).toBe('WT_SESSION' in env);
    }
  });

  it('is nothing without a terminal, and no name ends its own sequence', () => {
    const none = screen(false);
    const announcer = new Announcer(none, { bell: true }, {});
    announcer.show({ ...shown, attention: true });
    announcer.end();
    expect(none.text).toBe('');
    const out = screen();
    new Announcer(out, { bell: true }, {}).show({ ...shown, title: 'a\x07\x1b]52;c;eA==\x07' });
    expect(out.text.slice('\x1b[22;0t'.length)).toBe('\x1b]2;a  ]52;c;eA== \x07');
  });

  it('names step and weight, and needs attention when long work has ended', () => {
    const state = rollout(PROD, { share: 10 });
    expect(announced(state, state)).toEqual({
      title: 'heart traffic 10% - aml-rollout',
      attention: false,
    });
    const long = working(state, { startedAt: NOW - 60_000 });
    expect(announced(state, long).attention).toBe(true);
    expect(announced(state, working(state, { startedAt: NOW - 2_000 })).attention).toBe(false);
    expect(announced(moments()['prove, sending']!, state)).toMatchObject({ percent: 40 });
  });
});
