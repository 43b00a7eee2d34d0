import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Pacing } from "./pacing";

describe("Pacing", () => {
  let answers: (() => void)[];
  let isAllowed: boolean;
  let intervalMs: number;
  let pacing: Pacing;

  beforeEach(() => {
    vi.useFakeTimers();
    answers = [];
    isAllowed = true;
    intervalMs = 200;
    pacing = new Pacing({
      tick: () => new Promise((resolve) => answers.push(resolve)),
      intervalMs: () => intervalMs,
      mayTick: () => isAllowed,
    });
  });
  afterEach(() => {
    pacing.stop();
    vi.useRealTimers();
  });

  const answer = async (): Promise<void> => {
    answers.at(-1)?.();
    await vi.advanceTimersByTimeAsync(0);
  };

  it("ticks at once, then an interval after each answer", async () => {
    pacing.start();
    await vi.advanceTimersByTimeAsync(5000);
    expect(answers).toHaveLength(1);
    await answer();
    await vi.advanceTimersByTimeAsync(199);
    expect(answers).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(answers).toHaveLength(2);
  });
  it("never has two ticks under way, however often it is started", async () => {
    pacing.start();
    pacing.start();
    await vi.advanceTimersByTimeAsync(1000);
    expect(answers).toHaveLength(1);
  });
  it("goes on after a pause in the middle of a tick", async () => {
    pacing.start();
    pacing.stop();
    pacing.start();
    await answer();
    await vi.advanceTimersByTimeAsync(200);
    expect(answers).toHaveLength(2);
  });
  it("stops with a negative interval and in a hidden tab", async () => {
    intervalMs = -1;
    pacing.start();
    intervalMs = 10;
    isAllowed = false;
    pacing.start();
    await vi.advanceTimersByTimeAsync(1000);
    expect(answers).toHaveLength(0);
  });
  it("leaves the browser some time when the interval is 0", async () => {
    intervalMs = 0;
    pacing.start();
    await answer();
    await vi.advanceTimersByTimeAsync(9);
    expect(answers).toHaveLength(1);
  });
});
