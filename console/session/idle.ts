const MINUTE_MS = 60_000;
/** PCI DSS 4.0.1, requirement 8.2.8: after 15 minutes without an act the user signs in again. */
export const IDLE_MS_MAX = 15 * MINUTE_MS;
const CHECK_MS = 15_000;
/** What a user does. What the page reads again on its own is no act. */
const ACTS = ['pointerdown', 'keydown', 'wheel'] as const;
const LAST_ACT = 'onecharge.lastActMs';

/** Lives as long as the tab's tokens: a tab that a browser restores has its last act too. */
export interface ActStorage {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
}

interface IdleWatch {
  /** What the user acts on: the page's window. */
  readonly page: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>;
  readonly storage: ActStorage;
  readonly onIdle: () => void;
}

/** Calls `onIdle` once when the user has not acted for 15 minutes. Returns what ends the watch. */
export function watchIdle({ page, storage, onIdle }: IdleWatch): () => void {
  const end = () => {
    clearInterval(checking);
    for (const name of ACTS) page.removeEventListener(name, act);
  };
  const endIfIdle = () => {
    if (!isIdle(storage)) return false;
    end();
    onIdle();
    return true;
  };
  // The first act after too long a pause comes too late: timers stand still while a machine sleeps.
  const act = () => void (endIfIdle() || noteAct(storage));
  const checking = setInterval(endIfIdle, CHECK_MS);
  for (const name of ACTS) page.addEventListener(name, act);
  return end;
}

/** Notes an act of the user, such as the sign-in. */
export function noteAct(storage: ActStorage): void {
  storage.setItem(LAST_ACT, String(Date.now()));
}

/** True after too long a pause, and where no act is known. */
export function isIdle(storage: ActStorage): boolean {
  return Date.now() - Number(storage.getItem(LAST_ACT) ?? 0) >= IDLE_MS_MAX;
}
