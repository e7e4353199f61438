import type { CommandInput, CommandName, CommandResult } from '../electron/contract/commands.ts';
import { showHint } from './panel-store.ts';
import { say } from './words/words.ts';

/**
 * Asks the phone for something. What could not be done is told in the panel; the result is null then.
 */
export async function send<N extends CommandName>(
  name: N,
  params: CommandInput<N>,
): Promise<CommandResult<N> | null> {
  try {
    const reply = await window.partyline.command(name, params);
    if (reply.ok) return reply.result;
    showHint(reply.failure.sentence);
  } catch {
    showHint(say('failure.phone'));
  }
  return null;
}
