/** Netstrings (`5:hello,`), the framing of baresip's control socket. */
export const netstring = (text: string): string => `${Buffer.byteLength(text)}:${text},`;

/** Takes a stream apart into the texts of its netstrings. */
export class NetstringReader {
  #unread = Buffer.alloc(0);

  read(piece: Buffer): string[] {
    this.#unread = Buffer.concat([this.#unread, piece]);
    const texts: string[] = [];
    for (let text = this.#next(); text !== null; text = this.#next()) texts.push(text);
    return texts;
  }

  #next(): string | null {
    const colon = this.#unread.indexOf(':');
    if (colon < 0) return null;
    const length = Number(this.#unread.subarray(0, colon).toString());
    const end = colon + 1 + length;
    if (!Number.isInteger(length)) throw new Error(`not a netstring: ${this.#unread.subarray(0, 40)}`);
    if (this.#unread.length <= end) return null;
    const text = this.#unread.subarray(colon + 1, end).toString();
    this.#unread = this.#unread.subarray(end + 1);
    return text;
  }
}
