/**
 * Notices a document that presupposes one which never came (RFC 4235, 4.3). That is all a version is good for here:
 * which of two documents is newer, the CSeq of their NOTIFYs has said already (subscriber.ts). So one that goes
 * backwards is taken, too: agents that pass a station's document on as it is count for each station on its own.
 */
export class DocumentOrder {
  /** The last version of each notifier. */
  private readonly versions = new Map<string, number>();

  /** Whether nothing is missing before this document. */
  follows(notifier: string, full: boolean, version: number): boolean {
    const last = this.versions.get(notifier);
    this.versions.set(notifier, version);
    return full || (last !== undefined && version <= last + 1);
  }

  /** The next documents begin anew. */
  forget(): void {
    this.versions.clear();
  }
}
