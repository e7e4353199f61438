import { readFile } from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';
import type { z } from 'zod';
import { type Profile, profile } from '../contract/profile.ts';
import type { Reason } from '../contract/reasons.ts';

export type ReadProfile =
  | { readonly ok: true; readonly profile: Profile }
  | { readonly ok: false; readonly reason: Reason };

/** Reads a profile (docs/profile.md). What is wrong with the file is told as a reason; the file is never touched. */
export async function readProfileFile(file: string): Promise<ReadProfile> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { ok: false, reason: { code: 'profile-unreadable', params: { file, detail } } };
  }
  return parseProfile(text, file);
}

export function parseProfile(text: string, file: string): ReadProfile {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return malformed(file, 'JSON', detail);
  }
  const parsed = profile.safeParse(json);
  if (parsed.success) return { ok: true, profile: parsed.data };
  const issue = parsed.error.issues[0];
  return malformed(file, issue ? fieldName(issue.path) : '', issue?.message ?? '');
}

/** Writes a profile whole or not at all, readable by its owner only: it holds passwords. */
export async function writeProfileFile(file: string, value: Profile): Promise<void> {
  await writeFileAtomic(file, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
}

const malformed = (file: string, field: string, detail: string): ReadProfile => ({
  ok: false,
  reason: { code: 'profile-malformed', params: { file, field, detail } },
});

/** `extensions[1].localPort` */
const fieldName = (path: z.core.$ZodIssue['path']): string =>
  path
    .map((part, position) =>
      typeof part === 'number' ? `[${part}]` : position === 0 ? String(part) : `.${String(part)}`,
    )
    .join('');
