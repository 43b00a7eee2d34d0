export interface Clock {
  now(): number;
  setTimeout(callback: () => void, delayMs: number): number;
  clearTimeout(id: number): void;
}

/** Timers by name: setting one replaces the one before. */
export class Timers {
  private readonly ids = new Map<string, number>();
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  has(name: string): boolean {
    return this.ids.has(name);
  }

  after(name: string, delayMs: number, callback: () => void): void {
    this.cancel(name);
    const id = this.clock.setTimeout(() => {
      this.ids.delete(name);
      callback();
    }, delayMs);
    this.ids.set(name, id);
  }

  cancel(name: string): void {
    const id = this.ids.get(name);
    if (id !== undefined) this.clock.clearTimeout(id);
    this.ids.delete(name);
  }

  stop(): void {
    for (const name of [...this.ids.keys()]) this.cancel(name);
  }
}
