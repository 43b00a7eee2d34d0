export interface PacingOptions {
  /** Send one tick; resolves when it is answered. */
  tick(): Promise<void>;
  /** The pause after an answer; negative stops. */
  intervalMs(): number;
  /** Asked before each tick: no tick is sent into a hidden tab or while nothing handles it. */
  mayTick(): boolean;
}

/**
 * Send ticks one after another, each an interval after the answer to the one before: a slow
 * handler slows the timer down instead of piling up work.
 */
export class Pacing {
  private timeout: ReturnType<typeof setTimeout> | undefined;
  private isWaiting = false;
  private isStopped = true;
  private readonly options: PacingOptions;

  constructor(options: PacingOptions) {
    this.options = options;
  }

  /** Tick now, unless a tick is unanswered: then the next follows its answer. */
  start(): void {
    this.isStopped = false;
    clearTimeout(this.timeout);
    if (!this.isWaiting) void this.run();
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timeout);
  }

  /** Asked anew after an answer: much can have happened meanwhile. */
  private mayNotGoOn(): boolean {
    return this.isStopped;
  }

  private async run(): Promise<void> {
    if (this.isStopped || this.options.intervalMs() < 0 || !this.options.mayTick()) return;
    this.isWaiting = true;
    try {
      await this.options.tick();
    } finally {
      this.isWaiting = false;
    }
    if (this.mayNotGoOn()) return;
    // At least 10 ms, so that an interval of 0 cannot keep the browser from everything else.
    this.timeout = setTimeout(() => void this.run(), Math.max(10, this.options.intervalMs()));
  }
}
