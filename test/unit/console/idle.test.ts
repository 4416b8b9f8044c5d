import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { IDLE_MS_MAX, isIdle, noteAct, watchIdle } from '../../../console/session/idle.ts';

const START_MS = Date.parse('2026-11-11T00:00:00Z');
const MINUTE = 60_000;

function desk() {
  const items = new Map<string, string>();
  const storage = {
    getItem: (name: string) => items.get(name) ?? null,
    setItem: (name: string, value: string) => void items.set(name, value),
  };
  const page = new EventTarget();
  const onIdle = vi.fn();
  noteAct(storage);
  return { storage, page, onIdle, end: watchIdle({ page, storage, onIdle }) };
}

beforeEach(() => {
  vi.useFakeTimers({ now: START_MS });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('an idle session', () => {
  it('ends once, within a quarter of a minute of the fifteenth', () => {
    const { onIdle } = desk();
    vi.advanceTimersByTime(IDLE_MS_MAX - 1);
    expect(onIdle).not.toHaveBeenCalled();
    vi.advanceTimersByTime(MINUTE / 4);
    expect(onIdle).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(60 * MINUTE);
    expect(onIdle).toHaveBeenCalledOnce();
  });

  it.each(['pointerdown', 'keydown', 'wheel'])('goes on after a %s, for fifteen minutes from it', (act) => {
    const { page, onIdle } = desk();
    for (let n = 0; n < 5; n += 1) {
      vi.advanceTimersByTime(14 * MINUTE);
      page.dispatchEvent(new Event(act));
    }
    expect(onIdle).not.toHaveBeenCalled();
    vi.advanceTimersByTime(16 * MINUTE);
    expect(onIdle).toHaveBeenCalledOnce();
  });

  it('is not woken by a first act that comes too late, where timers stood still', () => {
    const { page, onIdle, storage } = desk();
    vi.setSystemTime(START_MS + 8 * 60 * MINUTE);
    page.dispatchEvent(new Event('keydown'));
    expect(onIdle).toHaveBeenCalledOnce();
    expect(isIdle(storage)).toBe(true);
  });

  it('is found in a restored tab, and in one without a known act', () => {
    const { storage, end } = desk();
    end();
    vi.setSystemTime(START_MS + IDLE_MS_MAX - 1);
    expect(isIdle(storage)).toBe(false);
    vi.setSystemTime(START_MS + IDLE_MS_MAX);
    expect(isIdle(storage)).toBe(true);
    expect(isIdle({ getItem: () => null, setItem: () => {} })).toBe(true);
  });

  it('is watched no longer after the user has signed out', () => {
    const { onIdle, end } = desk();
    end();
    vi.advanceTimersByTime(60 * MINUTE);
    expect(onIdle).not.toHaveBeenCalled();
  });
});
