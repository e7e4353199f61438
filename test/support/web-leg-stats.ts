import type { Page } from 'playwright-core';

/** Running totals of how a window has played what came (W3C webrtc-stats, `inbound-rtp`). */
export interface PlayedTotals {
  readonly received: number;
  readonly concealed: number;
  readonly silentConcealed: number;
  readonly concealmentEvents: number;
  readonly inserted: number;
  readonly removed: number;
  readonly bufferDelay: number;
  readonly targetDelay: number;
  readonly emitted: number;
  readonly packets: number;
  readonly lost: number;
}

/**
 * What the peer connections of a page have played so far, straight from Chromium and past the code of the page: they are
 * found on its heap, so nothing in the page needs to show them.
 */
export async function playedTotals(page: Page): Promise<readonly PlayedTotals[]> {
  const session = await page.context().newCDPSession(page);
  try {
    const { result } = await session.send('Runtime.evaluate', { expression: 'RTCPeerConnection.prototype' });
    const { objects } = await session.send('Runtime.queryObjects', {
      prototypeObjectId: result.objectId ?? '',
    });
    const { result: totals } = await session.send('Runtime.callFunctionOn', {
      objectId: objects.objectId,
      functionDeclaration: `${readAll}`,
      awaitPromise: true,
      returnByValue: true,
    });
    return totals.value as PlayedTotals[];
  } finally {
    await session.detach();
  }
}

/** Runs in the page. */
async function readAll(this: readonly RTCPeerConnection[]): Promise<PlayedTotals[]> {
  const open = [...this].filter(({ connectionState }) => connectionState !== 'closed');
  const reports = await Promise.all(open.map((peer) => peer.getStats()));
  return reports.flatMap((report) =>
    [...report.values()]
      .filter(({ type, kind }) => type === 'inbound-rtp' && kind === 'audio')
      .map((entry) => ({
        received: entry.totalSamplesReceived,
        concealed: entry.concealedSamples,
        silentConcealed: entry.silentConcealedSamples,
        concealmentEvents: entry.concealmentEvents,
        inserted: entry.insertedSamplesForDeceleration,
        removed: entry.removedSamplesForAcceleration,
        bufferDelay: entry.jitterBufferDelay,
        targetDelay: entry.jitterBufferTargetDelay,
        emitted: entry.jitterBufferEmittedCount,
        packets: entry.packetsReceived,
        lost: entry.packetsLost,
      })),
  );
}
