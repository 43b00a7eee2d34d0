const loading = new Map<string, Promise<void>>();

/** Load somebody else's script once per page; one that failed may be tried again. */
export function loadScript(address: string): Promise<void> {
  let promise = loading.get(address);
  if (!promise) {
    promise = new Promise<void>((resolve, reject) => {
      const script = document.createElement("script");
      script.src = address;
      script.async = true;
      script.onload = () => {
        resolve();
      };
      script.onerror = () => {
        loading.delete(address);
        script.remove();
        reject(
          new Error(
            `${new URL(address).host} could not be reached, or this page's policy does not allow it.`,
          ),
        );
      };
      document.head.append(script);
    });
    loading.set(address, promise);
  }
  return promise;
}

/** The same for a stylesheet, in front of the page's own. */
export function loadStylesheet(address: string): void {
  if (document.head.querySelector(`link[href="${CSS.escape(address)}"]`)) return;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = address;
  document.head.prepend(link);
}
