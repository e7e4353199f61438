import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getHeapCodeStatistics, setFlagsFromString, writeHeapSnapshot } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** Memory of this process without its garbage; bytes. */
export function usedMemory(): NodeJS.MemoryUsage {
  collect();
  return process.memoryUsage();
}

/** What lives on the heap but for compiled code, of which there is more the longer a program runs; bytes. */
export function usedByObjects(): number {
  const { heapUsed } = usedMemory();
  const code = getHeapCodeStatistics();
  return heapUsed - code.code_and_metadata_size - code.bytecode_and_metadata_size;
}

interface HeapSnapshot {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[];
      readonly node_types: readonly [readonly string[], ...unknown[]];
    };
  };
  readonly nodes: readonly number[];
}

/** What a program forgets; not buffers, and V8's own arrays and code, which come and go by the hundred kilobytes. */
const ofTheProgram = new Set([
  'object',
  'closure',
  'string',
  'concatenated string',
  'sliced string',
  'number',
]);

/**
 * What a program itself keeps: objects, closures, strings; bytes. Read out of a heap snapshot, which
 * takes a second or two, for usedByObjects still counts the notes for undoing optimizations, which grow all day.
 */
export function keptByProgram(): number {
  const file = join(tmpdir(), `partyline-${process.pid}.heapsnapshot`);
  try {
    writeHeapSnapshot(file);
    const { snapshot, nodes }: HeapSnapshot = JSON.parse(readFileSync(file, 'utf8'));
    const { node_fields: fields, node_types } = snapshot.meta;
    const [type, size] = [fields.indexOf('type'), fields.indexOf('self_size')];
    let kept = 0;
    for (let at = 0; at < nodes.length; at += fields.length) {
      const name = node_types[0][nodes[at + type] ?? 0] ?? '';
      if (ofTheProgram.has(name)) kept += nodes[at + size] ?? 0;
    }
    return kept;
  } finally {
    rmSync(file, { force: true });
  }
}
