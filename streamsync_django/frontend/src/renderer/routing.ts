import { onScopeDispose, shallowRef, type ShallowRef } from "vue";

import type { Route } from "../components/contract";
import { formatHash, parseHash } from "./hash";

export interface Routing {
  readonly route: ShallowRef<Route>;
  readonly goToPage: (pageKey: string) => void;
  /** Merge into the address's variables; null removes one. */
  readonly setVariables: (variables: Readonly<Record<string, unknown>>) => void;
}

/** The page and variables that the address names. */
export function useRouting(): Routing {
  const route = shallowRef(parseHash(location.hash));
  let hasMoved = false;
  const follow = (): void => {
    route.value = parseHash(location.hash);
  };
  window.addEventListener("hashchange", follow);
  onScopeDispose(() => {
    window.removeEventListener("hashchange", follow);
  });

  /** Move on from what the address says: the route follows a moment later. One step of a handler is one step back. */
  function move(change: Partial<Route>): void {
    const { pageKey, variables } = { ...parseHash(location.hash), ...change };
    const hash = formatHash(pageKey, variables);
    if (hasMoved) location.replace(hash);
    else location.hash = hash;
    hasMoved = true;
    window.setTimeout(() => {
      hasMoved = false;
    });
  }

  return {
    route,
    goToPage(pageKey) {
      move({ pageKey });
    },
    setVariables(variables) {
      move({ variables: { ...parseHash(location.hash).variables, ...variables } as Route["variables"] });
    },
  };
}
