import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lookOf } from '../../renderer/line-keys/state-look.ts';
import { FedWindow } from '../support/fed-window.ts';
import { Rig } from '../support/rig.ts';
import { aSnapshot } from '../unit/renderer/views.ts';
import { type ShownState, shownStates } from './states.ts';

// STATES_DOC=1 npm test -- e2e   draws docs/states.md and its pictures anew.
const writing = process.env.STATES_DOC === '1';
const docs = fileURLToPath(new URL('../../docs', import.meta.url));

const rig = new Rig();
let window: FedWindow;
beforeAll(async () => {
  window = rig.use(await FedWindow.start());
  await window.resize(960, 640);
});
afterAll(() => rig.stopAndVerify());

const themes = ['light', 'dark'] as const;

const show = ({ key, calls = [] }: ShownState) =>
  window.show(aSnapshot({ lineKeys: [key], calls: [...calls] }));

/** What of a key can be told apart without colour: its words and its drawings. */
const shapeOf = (index: number) =>
  window.key(index).evaluate((key) => {
    const glyph = key.querySelector('.line-key-lamp svg')?.innerHTML ?? '';
    const words = key.querySelector('.line-key-words')?.textContent ?? '';
    const others = [...key.querySelectorAll('.line-key-offer, .line-key-other')].map(
      (each) => each.textContent,
    );
    const kind = key.querySelector('.icon')?.innerHTML ?? '';
    return { glyph, words, others, kind };
  });

describe('every state of a line key', () => {
  it.each(shownStates)('$name: is named for those who cannot see it', async (state) => {
    await show(state);
    const { name, description } = await window.spoken('.line-key');
    expect(name).toBe(state.spoken);
    if (state.described) expect(description).toMatch(state.described);
    const { words } = await shapeOf(state.key.index);
    expect(name).toContain(words);
  });

  it('differs from every other by its glyph or its words, not only by its colour', async () => {
    const seen = new Map<string, string>();
    for (const state of shownStates) {
      await show(state);
      const shape = JSON.stringify(await shapeOf(state.key.index));
      expect(seen.get(shape), `${state.name} looks like ${seen.get(shape)}`).toBeUndefined();
      seen.set(shape, state.name);
    }
  });

  it.each(themes)('can be read in the %s theme: text at 4.5 to 1, glyphs at 3 to 1', async (theme) => {
    await window.page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    for (const state of shownStates) {
      await show(state);
      const { text, glyph } = await window.key(state.key.index).evaluate(contrasts);
      expect(text, `text of ${state.name}`).toBeGreaterThanOrEqual(4.5);
      expect(glyph, `glyph of ${state.name}`).toBeGreaterThanOrEqual(3);
    }
  });

  const draw = async (): Promise<void> => {
    await mkdir(`${docs}/states`, { recursive: true });
    const rows: string[] = [];
    for (const state of shownStates) {
      for (const theme of themes) {
        await window.page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
        await show(state);
        const path = `${docs}/states/${state.name}-${theme}.png`;
        await window.key(state.key.index).screenshot({ path });
      }
      rows.push(await row(state));
    }
    await writeFile(`${docs}/states.md`, `${preface}\n${rows.join('\n')}\n`);
  };
  if (writing) it('is drawn for docs/states.md', draw);
});

const preface = `# What the line keys show

Every state of a line key, in the light and in the dark theme, with what it says to people who see no colours (the
glyph and the words) and to people who see nothing (what a screen reader says). The pictures are of a desk without
motion (\`prefers-reduced-motion\`): where the lamp would blink or turn, the edge of the key bears a pattern.

Drawn by \`STATES_DOC=1 npm test -- e2e\`; each test run checks the names, the shapes and the contrast.

| state | light | dark | what it means | glyph | words | screen reader |
|---|---|---|---|---|---|---|`;

async function row(state: ShownState): Promise<string> {
  const picture = (theme: string): string => `![${state.name}, ${theme}](states/${state.name}-${theme}.png)`;
  const { glyph } = lookOf(state.key.state, state.calls?.some((call) => call.private) ?? false);
  const { words } = await shapeOf(state.key.index);
  const { name, description } = await window.spoken('.line-key');
  const spoken = [name, description.replace(/^Since [^.]*\./, 'Since 14:05.')].filter(Boolean).join('. ');
  const cells = [state.name, picture('light'), picture('dark'), state.meaning, glyph, words, spoken];
  return `| ${cells.join(' | ')} |`;
}

/** In the page: the least contrast of a key's texts, and that of its lamp, to the ground they stand on (WCAG 2.2, 1.4.3). */
function contrasts(key: Element): { text: number; glyph: number } {
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const luminance = (colour: string): number => {
    if (!context) return Number.NaN;
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = [...context.getImageData(0, 0, 1, 1).data].map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const groundOf = (element: Element | null): string => {
    if (!element) return 'white';
    const { backgroundColor } = getComputedStyle(element);
    return /rgba\(.*, 0\)|transparent/.test(backgroundColor)
      ? groundOf(element.parentElement)
      : backgroundColor;
  };
  const contrast = (colour: string, element: Element): number => {
    const [one, other] = [luminance(colour), luminance(groundOf(element))].sort((a, b) => b - a);
    return ((one ?? 0) + 0.05) / ((other ?? 0) + 0.05);
  };
  const texts = [...key.querySelectorAll('span, time')].filter((each) =>
    [...each.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.textContent?.trim()),
  );
  const lamps = [...key.querySelectorAll('.glyph :is(.line, .fill)')].map((shape) => {
    const { fill, stroke } = getComputedStyle(shape);
    return contrast(shape.matches('.fill') ? fill : stroke, shape);
  });
  return {
    text: Math.min(...texts.map((each) => contrast(getComputedStyle(each).color, each))),
    glyph: Math.min(...lamps),
  };
}
