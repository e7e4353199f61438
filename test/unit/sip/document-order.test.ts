import { describe, expect, it } from 'vitest';
import type { AppearanceDialog } from '../../../electron/phone/lines/dialog.ts';
import { DocumentOrder } from '../../../electron/sip/shared-line/document-order.ts';
import { merged } from '../../../electron/sip/subscriptions/watched-extensions.ts';

const dialog = (id: string, state: AppearanceDialog['state']) => ({
  appearance: 0,
  dialog: {
    id,
    direction: 'initiator' as const,
    state,
    held: false,
    exclusive: false,
    local: null,
    remote: null,
  },
});

describe('documents in order', () => {
  it('miss nothing when each version follows the last', () => {
    const order = new DocumentOrder();
    expect([order.follows('n', true, 7), order.follows('n', false, 8), order.follows('n', false, 9)]).toEqual(
      [true, true, true],
    );
  });

  it('show what is missing: a partial one first of all, or one too far on', () => {
    expect(new DocumentOrder().follows('n', false, 0)).toBe(false);
    const order = new DocumentOrder();
    order.follows('n', true, 1);
    expect(order.follows('n', false, 3)).toBe(false);
    expect(order.follows('n', true, 9)).toBe(true);
  });

  it('may count backwards, and each notifier for itself', () => {
    const order = new DocumentOrder();
    order.follows('n', true, 31);
    expect(order.follows('n', false, 0)).toBe(true);
    order.follows('m', true, 5);
    expect(order.follows('n', false, 1)).toBe(true);
  });

  it('of a notifier that never tells everything are not asked for without end', () => {
    const order = new DocumentOrder();
    order.follows('n', true, 1);
    expect([3, 5, 7, 9].map((version) => order.follows('n', false, version))).toEqual([
      false,
      false,
      true,
      true,
    ]);
    order.forget();
    expect(order.follows('n', false, 1)).toBe(false);
  });
});

describe('merging', () => {
  const before = merged(undefined, {
    state: 'full',
    dialogs: [dialog('a', 'early'), dialog('b', 'confirmed')],
  });

  it('changes by a partial document what it names', () => {
    const after = merged(before, {
      state: 'partial',
      dialogs: [dialog('a', 'terminated'), dialog('c', 'trying')],
    });
    expect([...after.keys()]).toEqual(['b', 'c']);
  });

  it('forgets by a full one what it does not name, and what it says is over', () => {
    const after = merged(before, {
      state: 'full',
      dialogs: [dialog('a', 'confirmed'), dialog('b', 'terminated')],
    });
    expect([...after.values()].map(({ id, state }) => [id, state])).toEqual([['a', 'confirmed']]);
  });
});
