/** So far back a packet may come late; RFC 3711, 3.3.2 wants at least 64. */
const size = 128;

/** Which packets of one stream have come, by their index: none is taken twice, and none that is too old to tell. */
export class ReplayWindow {
  readonly #seen = new Array<number>(size).fill(-1);
  #highest = -1;

  /** The highest index that has come; null before the first. */
  get highest(): number | null {
    return this.#highest < 0 ? null : this.#highest;
  }

  isNew(index: number): boolean {
    return index > this.#highest - size && this.#seen[index % size] !== index;
  }

  /** Only what is authentic and new. */
  take(index: number): void {
    this.#seen[index % size] = index;
    this.#highest = Math.max(this.#highest, index);
  }
}
