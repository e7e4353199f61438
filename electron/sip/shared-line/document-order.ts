/** Whoever answers so many questions about a gap with no full document does not count as RFC 4235 does. */
const mostVainQuestions = 2;

/**
 * Notices a document that presupposes one which never came (RFC 4235, 4.3). That is all a version is good for here:
 * which of two documents is newer, the CSeq of their NOTIFYs has said already (subscriber.ts). So one that goes
 * backwards is taken, too. Kamailio's state agent counts what it leaves out (our own documents do not come back to us),
 * and keeps none but the last document: it need not be asked over and over again.
 */
export class DocumentOrder {
  /** The last version of each notifier. */
  private readonly versions = new Map<string, number>();
  private questions = 0;

  /** Whether nothing is missing before this document that could still be had. */
  follows(notifier: string, full: boolean, version: number): boolean {
    const last = this.versions.get(notifier);
    this.versions.set(notifier, version);
    if (full) this.questions = 0;
    if (full || (last !== undefined && version <= last + 1)) return true;
    this.questions += 1;
    return this.questions > mostVainQuestions;
  }

  /** The next documents begin anew. */
  forget(): void {
    this.versions.clear();
    this.questions = 0;
  }
}
