import { Child, run } from './child.ts';
import type { Stoppable } from './rig.ts';

/** Whether this process may make network namespaces: root, on Linux, with iproute2. */
export async function canMakeNamespaces(): Promise<boolean> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const probe = `partyline-probe-${process.pid}`;
  try {
    await run('ip', ['netns', 'add', probe]);
    await run('ip', ['netns', 'delete', probe]);
    return true;
  } catch {
    return false;
  }
}

let made = 0;

/** A network of its own (Linux `ip netns`): what runs in it sees no other interface than its own. */
export class Namespace implements Stoppable {
  private constructor(readonly name: string) {}

  static async make(): Promise<Namespace> {
    made += 1;
    const namespace = new Namespace(`partyline-${process.pid}-${made}`);
    await run('ip', ['netns', 'add', namespace.name]);
    await namespace.ip('link', 'set', 'lo', 'up');
    return namespace;
  }

  /** Runs `ip` in it. */
  async ip(...args: string[]): Promise<void> {
    await run('ip', ['-n', this.name, ...args]);
  }

  /** Starts a program in it. */
  start(command: string, args: readonly string[]): Child {
    return new Child('ip', ['netns', 'exec', this.name, command, ...args]);
  }

  /** A cable to another one: interface `wire` on either side, with these addresses (`10.0.0.1/24`). */
  async connect(
    other: Namespace,
    ours: readonly string[],
    theirs: readonly string[],
    wire: string,
  ): Promise<void> {
    await this.ip('link', 'add', wire, 'type', 'veth', 'peer', 'name', wire, 'netns', other.name);
    for (const [end, addresses] of [[this, ours] as const, [other, theirs] as const]) {
      for (const address of addresses) await end.ip('address', 'add', address, 'dev', wire);
      await end.ip('link', 'set', wire, 'up');
    }
  }

  /** Its interfaces go with it. */
  async stop(): Promise<void> {
    await run('ip', ['netns', 'delete', this.name]);
  }
}
