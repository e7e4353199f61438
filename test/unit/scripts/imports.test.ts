import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise, type IReporterOutput } from 'dependency-cruiser';
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import extractTypeScriptConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A little project inside ours, so that it finds the same node_modules. */
let project: string;

beforeEach(() => {
  mkdirSync(path.join(root, 'test-results'), { recursive: true });
  project = mkdtempSync(path.join(root, 'test-results', 'imports-'));
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

/** The names of the rules broken by a project of these files, each given with the module it imports. */
async function rulesBrokenBy(imports: Record<string, string>): Promise<string[]> {
  for (const [file, imported] of Object.entries(imports)) {
    writeSource(file, `import * as other from '${imported}';\nexport const used = other;\n`);
    if (imported.startsWith('.'))
      writeSource(path.join(path.dirname(file), imported), 'export const a = 1;\n');
  }
  const options = await extractOptions(path.join(root, '.dependency-cruiser.cjs'));
  const tsConfig = extractTypeScriptConfig(path.join(root, 'tsconfig.json'));
  const { output }: IReporterOutput = await cruise(
    ['electron', 'renderer'],
    { ...options, baseDir: project },
    {},
    { tsConfig },
  );
  if (typeof output === 'string') throw new Error('expected the result as an object');
  return output.summary.violations.map((violation) => violation.rule.name);
}

function writeSource(file: string, text: string) {
  const place = path.join(project, file);
  mkdirSync(path.dirname(place), { recursive: true });
  writeFileSync(place, text);
}

describe('the direction of imports', () => {
  it.each(['phone', 'sip', 'media', 'storage', 'practice-pbx', 'control', 'contract'])(
    'keeps Electron out of electron/%s',
    async (part) => {
      const rules = await rulesBrokenBy({
        [`electron/${part}/part.ts`]: 'electron',
        'renderer/main.ts': './own.ts',
      });
      expect(rules).toContain('plain-node');
    },
  );

  it.each(['electron/common', 'electron/renderer', 'electron/utility'])(
    'knows %s as Electron too',
    async (name) => {
      const rules = await rulesBrokenBy({ 'electron/sip/part.ts': name, 'renderer/main.ts': './own.ts' });
      expect(rules).toContain('plain-node');
    },
  );

  it.each([
    ['electron/sip/part.ts', '../media/relay.ts', 'sip-imports-core'],
    ['electron/media/part.ts', '../sip/sip-station.ts', 'media-imports-core'],
    ['electron/storage/part.ts', '../sip/sip-station.ts', 'storage-imports-core'],
    ['electron/contract/part.ts', '../phone/phone.ts', 'contract-imports-nothing'],
    ['electron/phone/part.ts', '../sip/sip-station.ts', 'phone-imports-contract'],
    ['electron/phone/part.ts', 'node:dgram', 'phone-is-pure'],
    ['electron/phone/part.ts', 'zod', 'phone-is-pure'],
    ['electron/headless.ts', './desktop/window.ts', 'plain-node'],
    ['renderer/part.ts', '../electron/phone/phone.ts', 'renderer-imports-contract'],
  ])('refuses that %s imports %s', async (file, imported, rule) => {
    const rules = await rulesBrokenBy({
      [file]: imported,
      'renderer/main.ts': './own.ts',
      'electron/main.ts': './own.ts',
    });
    expect(rules).toContain(rule);
  });

  it('lets the parts stand on the core', async () => {
    const rules = await rulesBrokenBy({
      'electron/sip/part.ts': '../phone/phone.ts',
      'electron/media/part.ts': '../contract/snapshot.ts',
      'electron/desktop/part.ts': 'electron',
      'renderer/part.ts': '../electron/contract/snapshot.ts',
    });
    expect(rules).toEqual([]);
  });
});
