/** A list of checks with their outcome, printed as they are made. */
export class Checks {
  #passed = 0;
  #failed = 0;

  /** Counts and prints one check; `detail` is shown where it failed. */
  that(what: string, holds: boolean, detail: () => string = () => ''): void {
    if (holds) this.#passed++;
    else this.#failed++;
    const more = holds ? '' : `\n        ${detail()}`;
    process.stdout.write(`  ${holds ? 'ok    ' : 'FAILED'}  ${what}${more}\n`);
  }

  equal(what: string, found: unknown, expected: unknown): void {
    const [left, right] = [JSON.stringify(found), JSON.stringify(expected)];
    this.that(what, left === right, () => `found ${left}\n        expected ${right}`);
  }

  /** The last line of the run. */
  get summary(): string {
    return `test:real: ${this.#passed} checks passed, ${this.#failed} failed`;
  }

  get allPassed(): boolean {
    return this.#failed === 0 && this.#passed > 0;
  }
}
