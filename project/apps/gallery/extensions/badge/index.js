/** A Vue component: it uses the page's own Vue, and the same composables as the built-in components. */
export function setup({ vue, useComponent, clickPayload }) {
  return vue.defineComponent(() => {
    const { text, emit } = useComponent();
    const clicks = vue.ref(0);
    return () =>
      vue.h(
        "button",
        {
          type: "button",
          class: "badge",
          onClick(event) {
            clicks.value += 1;
            emit("badge-click", clickPayload(event));
          },
        },
        [text("text"), clicks.value ? ` (${clicks.value})` : ""],
      );
  });
}
