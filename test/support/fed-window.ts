import type { Page } from 'playwright-core';
import { z } from 'zod';
import type { CommandReply } from '../../electron/contract/bridge.ts';
import { channels } from '../../electron/contract/channels.ts';
import type { CommandName } from '../../electron/contract/commands.ts';
import type { LineKeyView, Snapshot } from '../../electron/contract/snapshot.ts';
import type { SnapshotUpdate } from '../../electron/contract/snapshot-update.ts';
import { ElectronApp } from './electron-app.ts';
import type { Stoppable } from './rig.ts';

const sent = z.array(z.object({ name: z.string(), params: z.record(z.string(), z.unknown()) }));
const node = z.object({
  nodes: z.array(
    z.object({
      name: z.object({ value: z.string() }).optional(),
      description: z.object({ value: z.string() }).optional(),
    }),
  ),
});

/**
 * The real window of the real app, with this test in the phone's place: it is told what the test says, over the same
 * channel, and what it commands is kept. So it can be seen in states that no PBX would bring about together.
 */
export class FedWindow implements Stoppable {
  private constructor(readonly electron: ElectronApp) {}

  static async start(): Promise<FedWindow> {
    const electron = await ElectronApp.start();
    // The phone's own first word comes first.
    await electron.window.getByRole('heading', { name: 'Partyline' }).waitFor();
    await electron.app.evaluate(({ ipcMain }, channel) => {
      const commands: unknown[] = [];
      const answers: Record<string, unknown> = {};
      Object.assign(globalThis, { commands, answers });
      ipcMain.removeHandler(channel);
      ipcMain.handle(channel, (_event, command) => {
        commands.push(command);
        return answers[command.name] ?? { ok: true, result: { done: true, call: 'c1' } };
      });
    }, channels.command);
    return new FedWindow(electron);
  }

  get page(): Page {
    return this.electron.window;
  }

  /** Shows a phone; resolves when the window has drawn it. */
  show(snapshot: Snapshot): Promise<void> {
    return this.tell({ whole: snapshot });
  }

  async tell(update: SnapshotUpdate): Promise<void> {
    await this.electron.app.evaluate(
      ({ BrowserWindow }, [channel, message]) => {
        BrowserWindow.getAllWindows()[0]?.webContents.send(String(channel), message);
      },
      [channels.snapshot, update] as const,
    );
    await this.drawn();
  }

  /** Changes keys one after the other, `everyMs`, by the clock of the phone's process. */
  async change(keys: readonly LineKeyView[], everyMs: number): Promise<void> {
    await this.electron.app.evaluate(
      async ({ BrowserWindow }, { channel, changes, pause }) => {
        for (const key of changes) {
          const update = { changed: {}, lineKeys: [key] };
          BrowserWindow.getAllWindows()[0]?.webContents.send(channel, update);
          await new Promise((resolve) => setTimeout(resolve, pause));
        }
      },
      { channel: channels.snapshot, changes: keys, pause: everyMs },
    );
    await this.drawn();
  }

  /** What the window has asked the phone for since the last time. */
  async commands(): Promise<z.infer<typeof sent>> {
    return sent.parse(await this.electron.app.evaluate(() => Reflect.get(globalThis, 'commands').splice(0)));
  }

  /** How a command is answered from now on; null: as done. */
  answer(name: CommandName, reply: CommandReply<CommandName> | null): Promise<void> {
    return this.electron.app.evaluate(
      (_, given) => {
        Reflect.get(globalThis, 'answers')[given.name] = given.reply;
      },
      { name, reply },
    );
  }

  key(index: number) {
    return this.page.locator(`.line-key[data-index="${index}"]`);
  }

  /** What Chromium tells a screen reader of an element. */
  async spoken(selector: string): Promise<{ name: string; description: string }> {
    const session = await this.page.context().newCDPSession(this.page);
    try {
      const { root } = await session.send('DOM.getDocument');
      const { nodeId } = await session.send('DOM.querySelector', { nodeId: root.nodeId, selector });
      const tree = await session.send('Accessibility.getPartialAXTree', { nodeId, fetchRelatives: false });
      const [element] = node.parse(tree).nodes;
      return { name: element?.name?.value ?? '', description: element?.description?.value ?? '' };
    } finally {
      await session.detach();
    }
  }

  resize(width: number, height: number): Promise<void> {
    return this.electron.app.evaluate(
      ({ BrowserWindow }, [w, h]) => BrowserWindow.getAllWindows()[0]?.setContentSize(w, h),
      [width, height] as const,
    );
  }

  stop(): Promise<void> {
    return this.electron.stop();
  }

  async drawn(): Promise<void> {
    await this.page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    );
  }
}
