/** An anywidget: the same file would work in a notebook, with count, step and label as its traits. */
function render({ model, el }) {
  const label = document.createElement("span");
  const number = document.createElement("output");
  const buttons = [-1, 1].map((direction) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = direction < 0 ? "−" : "+";
    button.setAttribute("aria-label", direction < 0 ? "Fewer" : "More");
    button.addEventListener("click", () => {
      model.set("count", model.get("count") + direction * model.get("step"));
      model.save_changes();
    });
    return button;
  });

  const show = () => {
    label.textContent = model.get("label");
    number.textContent = String(model.get("count"));
  };
  model.on("change:count change:label", show);
  show();

  el.classList.add("bean-counter");
  el.append(label, buttons[0], number, buttons[1]);
  return () => model.off(null, show);
}

export default { render };
