import { expect, it } from 'vitest';
import { runModel } from '../unit/phone/model/run.ts';

/** PARTYLINE_MODEL_SEQUENCES and PARTYLINE_MODEL_SEED set others; what fails prints its own seed. */
const sequences = Number(process.env.PARTYLINE_MODEL_SEQUENCES ?? 10_000);
const first = Number(process.env.PARTYLINE_MODEL_SEED ?? Date.now() % 1_000_000_000);

it(`four stations and a PBX agree after each of ${sequences} sequences (seeds from ${first})`, () => {
  console.log(`PARTYLINE_MODEL_SEED=${first} PARTYLINE_MODEL_SEQUENCES=${sequences}`);
  for (let seed = first; seed < first + sequences; seed += 1) expect(runModel({ seed })).toBeNull();
});
