import { endWithParent } from './parent.mjs';

/** A failure the user can do something about: its message is whole sentences, and no stack is shown. */
export class Failure extends Error {}

/**
 * Tells the user one thing, on standard error so that a command's own output stays clean.
 *
 * @param {string} sentence
 */
export const say = (sentence) => console.error(`partyline: ${sentence}`);

const oldestNode = [20, 19];

function refuseOldNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldestNode;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new Failure(
    `Node ${process.versions.node} is too old. Install Node ${oldestNode.join('.')} or newer.`,
  );
}

/**
 * Runs a command's main function: its number becomes the exit code, its failure a sentence and exit code 1.
 * A failure that is not a Failure is a mistake of ours; PARTYLINE_DEBUG=1 shows where it happened.
 *
 * @param {() => Promise<number | void>} command
 */
export async function runCommand(command) {
  try {
    refuseOldNode();
    endWithParent();
    const code = await command();
    // A station that was imported may already have set an exit code of its own.
    if (typeof code === 'number') process.exitCode = code;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    if (!(error instanceof Failure)) {
      if (process.env.PARTYLINE_DEBUG) console.error(error);
      else say('This was not foreseen. Run it again with PARTYLINE_DEBUG=1 and report what it prints.');
    }
    process.exitCode = 1;
  }
}
