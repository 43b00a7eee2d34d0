/** A custom element: each field is a property, set again whenever it changes. */
const SVG = "http://www.w3.org/2000/svg";
const ARC = "M10 60 A50 50 0 0 1 110 60";

export default class Gauge extends HTMLElement {
  #fields = { value: 0, max: 100 };

  get value() {
    return this.#fields.value;
  }
  set value(value) {
    this.#fields.value = value ?? 0;
    this.#draw();
  }
  get max() {
    return this.#fields.max;
  }
  set max(max) {
    this.#fields.max = max || 100;
    this.#draw();
  }

  connectedCallback() {
    this.#draw();
  }

  #draw() {
    if (!this.isConnected) return;
    const { value, max } = this.#fields;
    const share = Math.min(Math.max(value / max, 0), 1);
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 120 70");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", `${value} of ${max}`);
    svg.append(arc("gauge-track", 1), arc("gauge-bar", share), number(value));
    this.replaceChildren(svg);
  }
}

function arc(className, share) {
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ARC);
  path.setAttribute("class", className);
  path.setAttribute("pathLength", "100");
  path.setAttribute("stroke-dasharray", `${share * 100} 200`);
  return path;
}

function number(value) {
  const text = document.createElementNS(SVG, "text");
  text.setAttribute("x", "60");
  text.setAttribute("y", "58");
  text.textContent = String(value);
  return text;
}
