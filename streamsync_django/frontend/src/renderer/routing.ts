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
  const follow = (): void => {
    route.value = parseHash(location.hash);
  };
  window.addEventListener("hashchange", follow);
  onScopeDispose(() => {
    window.removeEventListener("hashchange", follow);
  });

  return {
    route,
    goToPage(pageKey) {
      location.hash = formatHash(pageKey, route.value.variables);
    },
    setVariables(variables) {
      const { pageKey, variables: before } = parseHash(location.hash);
      location.hash = formatHash(pageKey, { ...before, ...variables });
    },
  };
}
