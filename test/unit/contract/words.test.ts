import { describe, expect, it } from 'vitest';
import { say } from '../../../electron/words.ts';

describe('a reason in words', () => {
  it('names the colleague if the PBX told, and does without if not', () => {
    expect(say({ code: 'line-in-use', params: { who: 'Bob' } })).toMatch(/^Bob is using that line/);
    expect(say({ code: 'line-in-use', params: { who: '' } })).toMatch(/^That line is in use/);
  });

  it('fills in what it carries', () => {
    expect(say({ code: 'pbx-unreachable', params: { address: 'pbx.local', port: 6060 } })).toContain(
      'pbx.local:6060',
    );
  });
});
