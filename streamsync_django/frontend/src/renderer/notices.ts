import { shallowReactive, shallowRef, type ShallowRef } from "vue";

import type { Notice } from "../components/contract";

export interface ShownNotice extends Notice {
  readonly id: number;
  readonly time: Date;
}

export interface Notices {
  /** Those on screen, oldest first. */
  readonly toasts: ShownNotice[];
  /** All of them, newest first: what the bell shows. */
  readonly history: ShallowRef<readonly ShownNotice[]>;
  readonly unread: ShallowRef<number>;
  readonly add: (notice: Notice) => void;
  readonly dismiss: (id: number) => void;
  readonly markRead: () => void;
}

const MAX_TOASTS = 4;
const MAX_HISTORY = 100;

export function createNotices(): Notices {
  const toasts = shallowReactive<ShownNotice[]>([]);
  const history = shallowRef<readonly ShownNotice[]>([]);
  const unread = shallowRef(0);
  let lastId = 0;

  function dismiss(id: number): void {
    const index = toasts.findIndex((toast) => toast.id === id);
    if (index >= 0) toasts.splice(index, 1);
  }

  return {
    toasts,
    history,
    unread,
    dismiss,
    add(notice) {
      const shown = { ...notice, id: ++lastId, time: new Date() };
      history.value = [shown, ...history.value].slice(0, MAX_HISTORY);
      unread.value += 1;
      toasts.push(shown);
      if (toasts.length > MAX_TOASTS) toasts.shift();
    },
    markRead() {
      unread.value = 0;
    },
  };
}
