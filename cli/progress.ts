import { stripVTControlCharacters, styleText } from 'node:util';

export interface ProgressOutput {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** Not on a terminal: a line for what goes on, at most this often, so that a log stays readable. */
const NOTE_MS = 10_000;
const NAME_WIDTH = 10;

/** Shows steps one after the other: a living line on a terminal, sparse lines in a log. Times each. */
export class Progress {
  readonly #out: ProgressOutput;
  readonly #seconds = new Map<string, number>();

  constructor(out: ProgressOutput = process.stderr) {
    this.#out = out;
  }

  /** Seconds that each finished step took. */
  get seconds(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#seconds);
  }

  async step<T>(name: string, work: (note: (text: string) => void) => Promise<T>): Promise<T> {
    const startedMs = performance.now();
    const seconds = () => (performance.now() - startedMs) / 1000;
    let last = '';
    let notedMs = startedMs;
    const draw = () => this.#live(`  ${name.padEnd(NAME_WIDTH)}${seconds().toFixed(0).padStart(4)} s  ${last}`);
    const note = (text: string) => {
      last = text;
      if (this.#out.isTTY) return draw();
      if (performance.now() - notedMs < NOTE_MS) return;
      notedMs = performance.now();
      this.#out.write(`  ${name.padEnd(NAME_WIDTH)}${text}\n`);
    };
    if (!this.#out.isTTY) this.#out.write(`  ${name.padEnd(NAME_WIDTH)}…\n`);
    const ticking = this.#out.isTTY ? setInterval(draw, 1_000) : undefined;
    try {
      const result = await work(note);
      this.#seconds.set(name, Math.round(seconds() * 10) / 10);
      this.#final(
        `${styleText('green', '✓')} ${name.padEnd(NAME_WIDTH)}${seconds().toFixed(1).padStart(6)} s  ${last}`,
      );
      return result;
    } catch (error) {
      this.#final(`${styleText('red', '✗')} ${name.padEnd(NAME_WIDTH)}${seconds().toFixed(1).padStart(6)} s`);
      throw error;
    } finally {
      clearInterval(ticking);
    }
  }

  /** A line of its own, above the living one. */
  say(text: string): void {
    this.#final(text);
  }

  #live(text: string): void {
    const width = (this.#out.columns ?? 80) - 1;
    const plain = stripVTControlCharacters(text).replaceAll(/\s*\n\s*/g, ' ');
    this.#out.write(`\r\x1b[K${plain.slice(0, width)}`);
  }

  #final(text: string): void {
    this.#out.write(this.#out.isTTY ? `\r\x1b[K${text}\n` : `${stripVTControlCharacters(text)}\n`);
  }
}
