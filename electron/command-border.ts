import {
  CommandError,
  type CommandName,
  type CommandParams,
  commands,
  isCommandName,
} from './contract/commands.ts';
import type { Reason } from './contract/reasons.ts';
import { say } from './words.ts';

export type Command = {
  [N in CommandName]: { readonly name: N; readonly params: CommandParams<N> };
}[CommandName];

/** A command as it came over a border: its name known, its parameters of the right shape. @throws CommandError */
export function commandFrom(name: string, params: unknown): Command {
  if (!isCommandName(name)) {
    throw failure({ code: 'unknown-command', params: { field: name } });
  }
  const parsed = commands[name].params.safeParse(params ?? {});
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw failure({
      code: 'bad-parameters',
      params: { field: issue?.path.join('.') || name, detail: issue?.message ?? '' },
    });
  }
  return { name, params: parsed.data } as Command;
}

export const failure = (reason: Reason): CommandError => new CommandError(reason.code, say(reason));
