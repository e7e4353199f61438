import type { CommandReply, WindowCommandName } from '../electron/contract/bridge.ts';
import type { CommandInput, CommandResult } from '../electron/contract/commands.ts';
import { showHint } from './panel-store.ts';
import { say } from './words/words.ts';

/**
 * Asks the phone for something. What could not be done is told in the panel; the result is null then.
 */
export async function send<N extends WindowCommandName>(
  name: N,
  params: CommandInput<N>,
): Promise<CommandResult<N> | null> {
  return resultOf(await window.partyline.command(name, params).catch(() => 'failed' as const));
}

/** The same, but what could not be done is not told: its sentence is the result, for whoever asked to show it in place. */
export async function attempt<N extends WindowCommandName>(
  name: N,
  params: CommandInput<N>,
): Promise<string | null> {
  const reply = await window.partyline.command(name, params).catch(() => null);
  if (reply === null) return say('failure.phone');
  return reply.ok ? null : reply.failure.sentence;
}

/** Saves the last SIP messages where the user says, and tells where they are. */
export async function saveTrace(): Promise<void> {
  const reply = await window.partyline.saveTrace().catch(() => 'failed' as const);
  const saved = reply === null ? null : resultOf<'exportTrace'>(reply);
  if (saved) showHint(say('station.traceSaved', { ...saved }));
}

function resultOf<N extends WindowCommandName | 'exportTrace'>(
  reply: CommandReply<N> | 'failed',
): CommandResult<N> | null {
  if (reply !== 'failed' && reply.ok) return reply.result;
  showHint(reply === 'failed' ? say('failure.phone') : reply.failure.sentence);
  return null;
}
